package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler.Response;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler.Result;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.internals.DefaultErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoisonHandlerTest {
  private static final byte[] KEY = bytes("gate");
  private static final byte[] VALUE = bytes("no picture");

  private final Metrics metrics = new Metrics();
  private final PoisonHandler handler = new PoisonHandler();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @BeforeEach
  void setUp() {
    handler.configure(
        Map.of(
            StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG,
            "dead-letters",
            PoisonHandler.METRICS,
            metrics,
            PoisonHandler.FAILED_RECORDS,
            new FailedRecords()));
  }

  private Response answer(long offset, Exception exception) {
    ErrorHandlerContext context =
        new DefaultErrorHandlerContext(
            null,
            "frames",
            1,
            offset,
            new RecordHeaders(),
            "segment",
            new TaskId(0, 1),
            99,
            KEY,
            VALUE);
    Record<?, ?> record = offset < 0 ? null : new Record<>("gate", VALUE, 99);
    return handler.handleError(context, record, exception);
  }

  @Test
  void poison_goesToTheDeadLettersAtOnce_withItsReason() {
    Response response = answer(5, new PoisonRecordException("the value is no picture"));
    assertThat(response.result()).isEqualTo(Result.RESUME);
    ProducerRecord<byte[], byte[]> letter = response.deadLetterQueueRecords().get(0);
    assertThat(letter.topic()).isEqualTo("dead-letters");
    assertThat(letter.key()).isEqualTo(KEY);
    assertThat(letter.value()).isEqualTo(VALUE);
    assertThat(letter.timestamp()).isEqualTo(99);
    assertThat(letter.headers().toString()).contains("failure-offset");
    assertThat(metrics.text()).contains("maskstream_dead_letters_total 1.0");
  }

  @Test
  void poison_whereNoPictureMayBeInKafka_hasNoValue() {
    handler.configure(Map.of(PoisonHandler.WITHOUT_VALUES, true));
    Response response = answer(5, new PoisonRecordException("it carries a picture"));
    assertThat(response.deadLetterQueueRecords().get(0).value()).isEmpty();
  }

  @Test
  void unexpectedFailure_isTriedAgain_andIsPoisonInTheEnd() {
    for (int i = 1; i < FailedRecords.MAX_FAILURES; i++) {
      assertThat(answer(5, new IllegalStateException("?")).result()).isEqualTo(Result.FAIL);
    }
    assertThat(answer(5, new IllegalStateException("?")).result()).isEqualTo(Result.RESUME);
    assertThat(metrics.text()).contains("maskstream_dead_letters_total 1.0");
  }

  @Test
  void punctuatorThatFails_isCounted_andNothingIsADeadLetter() {
    Response response = answer(-1, new IllegalStateException("?"));
    assertThat(response.result()).isEqualTo(Result.RESUME);
    assertThat(response.deadLetterQueueRecords()).isEmpty();
    assertThat(metrics.text()).contains("maskstream_punctuation_failures_total 1.0");
    assertThat(metrics.text()).contains("maskstream_dead_letters_total 0.0");
  }

  /** Kafka Streams throws what an earlier send came to where the next record is sent. */
  @Test
  void punctuatorThatMeetsAFailedSend_stopsTheThread() {
    assertThat(answer(-1, new StreamsException("refused")).result()).isEqualTo(Result.FAIL);
    assertThat(metrics.text()).contains("maskstream_punctuation_failures_total 1.0");
  }
}
