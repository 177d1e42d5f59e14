package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.apache.kafka.streams.errors.internals.DefaultErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefusalHandlerTest {
  private static final ProducerRecord<byte[], byte[]> RESULT =
      new ProducerRecord<>("segmented-frames", new byte[10]);
  private static final FrameRecord.Origin SOURCE = new FrameRecord.Origin("frames", 1, 5);

  private final FailedRecords failed = new FailedRecords();
  private final RefusalHandler handler = new RefusalHandler();

  @BeforeEach
  void setUp() {
    handler.configure(Map.of(PoisonHandler.FAILED_RECORDS, failed));
  }

  private static ErrorHandlerContext source(long offset) {
    return new DefaultErrorHandlerContext(
        null, "frames", 1, offset, new RecordHeaders(), "sink", new TaskId(0, 1), 0, null, null);
  }

  private ProductionExceptionHandler.Result refuse(Exception exception, long offset) {
    return handler.handleError(source(offset), RESULT, exception).result();
  }

  @Test
  void passingFailure_isTriedAgain() {
    assertThat(refuse(new TimeoutException("later"), 5))
        .isEqualTo(ProductionExceptionHandler.Result.RETRY);
  }

  @Test
  void refusal_failsTheThread_andCountsAgainstTheSourceRecord() {
    for (int i = 0; i < FailedRecords.MAX_FAILURES; i++) {
      failed.requireAnotherTry(SOURCE); // does not throw yet
      assertThat(refuse(new RecordTooLargeException("too large"), 5))
          .isEqualTo(ProductionExceptionHandler.Result.FAIL);
    }
    assertThatThrownBy(() -> failed.requireAnotherTry(SOURCE))
        .isInstanceOf(PoisonRecordException.class)
        .hasMessageContaining("too large");
  }

  @Test
  void refusalOfAPunctuatorsRecord_countsAgainstNone() {
    for (int i = 0; i < 5; i++) {
      assertThat(refuse(new RecordTooLargeException("too large"), -1))
          .isEqualTo(ProductionExceptionHandler.Result.FAIL);
    }
    failed.requireAnotherTry(new FrameRecord.Origin("frames", 1, -1)); // does not throw
  }
}
