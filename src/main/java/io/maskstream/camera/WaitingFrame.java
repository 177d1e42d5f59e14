package io.maskstream.camera;

import io.maskstream.frame.FrameId;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.DropRecord.Reason;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * An encoded frame on its way to Kafka.
 *
 * @param record shared, not copied
 * @param trace ends with the frame's outcome
 */
record WaitingFrame(FrameId id, ProducerRecord<byte[], byte[]> record, FrameTraces.Ingest trace) {

  /** Its drop record. */
  DropRecord dropped(Reason reason, long nowMicros) {
    return new DropRecord(id, DropRecord.Stage.INGEST, reason, id.ageMicros(nowMicros));
  }
}
