package io.maskstream.viewer;

import io.maskstream.frame.FrameId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Frames whose mask is on its way, the newest ones up to a number of bytes. One thread's. */
final class WaitingPictures {
  private final Map<FrameId, ConsumerRecord<byte[], byte[]>> pictures = new LinkedHashMap<>();
  private final long limit;
  private long bytes;

  WaitingPictures(long limit) {
    this.limit = limit;
  }

  void add(FrameId frame, ConsumerRecord<byte[], byte[]> record) {
    take(frame);
    pictures.put(frame, record);
    bytes += record.value().length;
    var oldest = pictures.entrySet().iterator();
    while (bytes > limit) {
      bytes -= oldest.next().getValue().value().length;
      oldest.remove();
    }
  }

  @Nullable ConsumerRecord<byte[], byte[]> take(FrameId frame) {
    ConsumerRecord<byte[], byte[]> found = pictures.remove(frame);
    if (found != null) {
      bytes -= found.value().length;
    }
    return found;
  }

  /** Bytes of the pictures that wait. */
  long bytes() {
    return bytes;
  }
}
