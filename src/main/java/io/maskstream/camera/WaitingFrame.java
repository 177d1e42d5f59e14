package io.maskstream.camera;

import io.maskstream.frame.FrameId;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.DropRecord.Reason;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * An encoded frame on its way to Kafka.
 *
 * @param record shared, not copied
 */
record WaitingFrame(FrameId id, ProducerRecord<byte[], byte[]> record) {

  /** Its drop record. */
  DropRecord dropped(Reason reason, long nowMicros) {
    return new DropRecord(id, DropRecord.Stage.INGEST, reason, id.ageMicros(nowMicros));
  }
}
