package io.maskstream.stream;

import io.maskstream.frame.LogContext;
import io.maskstream.inference.DeviceLostException;
import io.maskstream.metrics.Metrics;
import io.maskstream.stream.FrameRecord.Origin;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends poison records to the dead-letter topic as they came, the failure in headers; without their
 * values where no picture may be in Kafka. Any other failure stops the stream thread, until the
 * same record has failed {@value FailedRecords#MAX_FAILURES} times: then it goes to the dead
 * letters, too. A failure without a record is a punctuator's; it is counted and the flow goes on,
 * unless it is Kafka's: a record that could not be sent earlier shows itself there, and only a new
 * start from the last commit accounts for what was lost with it.
 */
public final class PoisonHandler implements ProcessingExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(PoisonHandler.class);

  /** Configuration key under which the {@link Metrics} are handed over. */
  static final String METRICS = "maskstream.metrics";

  /** Configuration key under which the {@link FailedRecords} are handed over. */
  static final String FAILED_RECORDS = "maskstream.failed-records";

  /** Configuration key: whether dead letters have no values, which may be pictures. */
  static final String WITHOUT_VALUES = "maskstream.without-values";

  /** Configuration key: largest record that the producer sends, bytes. */
  static final String MAX_RECORD_BYTES = "maskstream.max-record-bytes";

  private static final byte[] NOTHING = {};

  private String topic = "";
  private boolean withoutValues;
  private int maxRecordBytes = Integer.MAX_VALUE;
  private Metrics metrics = new Metrics();
  private FailedRecords failed = new FailedRecords();

  @Override
  public void configure(Map<String, ?> configs) {
    topic = String.valueOf(configs.get(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG));
    withoutValues = Boolean.TRUE.equals(configs.get(WITHOUT_VALUES));
    if (configs.get(MAX_RECORD_BYTES) instanceof Integer given) {
      maxRecordBytes = given;
    }
    if (configs.get(METRICS) instanceof Metrics given) {
      metrics = given;
    }
    if (configs.get(FAILED_RECORDS) instanceof FailedRecords given) {
      failed = given;
    }
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, @Nullable Record<?, ?> record, Exception exception) {
    try (LogContext place =
        LogContext.ofRecord(context.topic(), context.partition(), context.offset())) {
      if (record != null && record.key() instanceof String camera) {
        place.andCamera(camera);
      }
      return answer(context, exception);
    }
  }

  private Response answer(ErrorHandlerContext context, Exception exception) {
    if (context.offset() < 0) {
      log.error("{}: a punctuator failed", context.processorNodeId(), exception);
      metrics.punctuationFailed();
      return exception instanceof KafkaException ? Response.fail() : Response.resume();
    }
    if (!(exception instanceof PoisonRecordException) && mayTryAgain(context, exception)) {
      log.error(
          "{}-{} offset {}: processing failed",
          context.topic(),
          context.partition(),
          context.offset(),
          exception);
      return Response.fail();
    }
    log.warn(
        "{}-{} offset {} goes to the dead letters: {}",
        context.topic(),
        context.partition(),
        context.offset(),
        DeadLetters.shortened(String.valueOf(exception.getMessage())));
    metrics.deadLetter();
    return Response.resume(List.of(deadLetter(context, exception)));
  }

  /** A lost device is no record's fault: the process is to be replaced. */
  private boolean mayTryAgain(ErrorHandlerContext context, Exception exception) {
    return exception instanceof DeviceLostException || !failed.add(origin(context), exception);
  }

  private static Origin origin(ErrorHandlerContext context) {
    return new Origin(context.topic(), context.partition(), context.offset());
  }

  private ProducerRecord<byte[], byte[]> deadLetter(
      ErrorHandlerContext context, Exception exception) {
    DeadLetters.Letter letter =
        DeadLetters.of(
            new DeadLetters.Letter(
                context.sourceRawKey(),
                withoutValues ? NOTHING : context.sourceRawValue(),
                context.headers()),
            origin(context),
            String.valueOf(exception.getMessage()),
            maxRecordBytes);
    return new ProducerRecord<>(
        topic,
        null,
        Math.max(0, context.timestamp()),
        letter.key(),
        letter.value(),
        letter.headers());
  }
}
