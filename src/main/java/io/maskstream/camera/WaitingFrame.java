package io.maskstream.camera;

import io.maskstream.topic.DropRecord;
import io.maskstream.topic.DropRecord.Reason;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * An encoded frame on its way to Kafka.
 *
 * @param epoch of the connection
 * @param sequence within the epoch
 * @param record shared, not copied
 */
record WaitingFrame(
    String camera,
    long epoch,
    long sequence,
    long captureMicros,
    ProducerRecord<byte[], byte[]> record) {

  /** Its drop record. */
  DropRecord dropped(Reason reason, long nowMicros) {
    return new DropRecord(
        camera,
        epoch,
        sequence,
        captureMicros,
        DropRecord.Stage.INGEST,
        reason,
        Math.max(0, nowMicros - captureMicros));
  }
}
