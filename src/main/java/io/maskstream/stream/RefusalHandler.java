package io.maskstream.stream;

import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What to do when the broker refuses a result: the stream thread fails and another begins where it
 * stopped, so that nothing is lost and the alert on failing threads fires.
 *
 * <p>Kafka Streams' own handler would send a dead letter from the producer's network thread, which
 * then waits for metadata that only itself can fetch; the stream thread hangs in its next flush.
 */
public final class RefusalHandler implements ProductionExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(RefusalHandler.class);

  @Override
  public void configure(Map<String, ?> configs) {
    // nothing to set
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
    if (exception instanceof RetriableException) {
      return Response.retry();
    }
    log.error(
        "{} refuses a record of {} bytes: {}",
        record.topic(),
        record.value() == null ? 0 : record.value().length,
        exception.getMessage());
    return Response.fail();
  }
}
