package io.maskstream.stream;

import io.maskstream.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends poison records to the dead-letter topic as they came, the failure in headers. Any other
 * failure stops the stream thread: it is ours, not the record's.
 */
public final class PoisonHandler implements ProcessingExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(PoisonHandler.class);

  /** Configuration key under which the {@link Metrics} are handed over. */
  static final String METRICS = "maskstream.metrics";

  private String topic = "";
  private Metrics metrics = new Metrics();

  @Override
  public void configure(Map<String, ?> configs) {
    topic = String.valueOf(configs.get(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG));
    if (configs.get(METRICS) instanceof Metrics given) {
      metrics = given;
    }
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
    if (!(exception instanceof PoisonRecordException)) {
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
        exception.getMessage());
    metrics.deadLetter();
    return Response.resume(List.of(deadLetter(context, exception)));
  }

  private ProducerRecord<byte[], byte[]> deadLetter(
      ErrorHandlerContext context, Exception exception) {
    Headers headers = new RecordHeaders(context.headers());
    put(headers, "failure", String.valueOf(exception.getMessage()));
    put(headers, "failure-topic", context.topic());
    put(headers, "failure-partition", Integer.toString(context.partition()));
    put(headers, "failure-offset", Long.toString(context.offset()));
    return new ProducerRecord<>(
        topic,
        null,
        context.timestamp(),
        context.sourceRawKey(),
        context.sourceRawValue(),
        headers);
  }

  private static void put(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
