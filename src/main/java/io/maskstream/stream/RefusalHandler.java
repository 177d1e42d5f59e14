package io.maskstream.stream;

import io.maskstream.stream.FrameRecord.Origin;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What to do when the broker refuses a result: the stream thread fails and another begins where it
 * stopped, so that nothing is lost and the alert on failing threads fires. A source record whose
 * results are refused again and again ends in the dead letters.
 *
 * <p>Kafka Streams' own handler would send a dead letter from the producer's network thread, which
 * then waits for metadata that only itself can fetch; the stream thread hangs in its next flush.
 */
public final class RefusalHandler implements ProductionExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(RefusalHandler.class);

  private FailedRecords failed = new FailedRecords();

  @Override
  public void configure(Map<String, ?> configs) {
    if (configs.get(PoisonHandler.FAILED_RECORDS) instanceof FailedRecords given) {
      failed = given;
    }
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
    boolean last =
        failed.add(new Origin(context.topic(), context.partition(), context.offset()), exception);
    if (last) {
      log.error("the record it is made from goes to the dead letters when it is read again");
    }
    return Response.fail();
  }
}
