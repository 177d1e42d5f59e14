package io.maskstream.viewer;

import io.maskstream.frame.FrameId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of frames whose counterpart is on its way, a picture or a mask: the newest ones up to a
 * number of bytes. One thread's.
 */
final class WaitingRecords {
  private final Map<FrameId, ConsumerRecord<byte[], byte[]>> records = new LinkedHashMap<>();
  private final long limit;
  private long bytes;

  WaitingRecords(long limit) {
    this.limit = limit;
  }

  void add(FrameId frame, ConsumerRecord<byte[], byte[]> record) {
    take(frame);
    records.put(frame, record);
    bytes += record.value().length;
    var oldest = records.entrySet().iterator();
    while (bytes > limit) {
      bytes -= oldest.next().getValue().value().length;
      oldest.remove();
    }
  }

  @Nullable ConsumerRecord<byte[], byte[]> take(FrameId frame) {
    ConsumerRecord<byte[], byte[]> found = records.remove(frame);
    if (found != null) {
      bytes -= found.value().length;
    }
    return found;
  }

  /** Bytes of the values that wait. */
  long bytes() {
    return bytes;
  }
}
