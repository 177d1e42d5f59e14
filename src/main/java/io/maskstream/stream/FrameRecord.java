package io.maskstream.stream;

import io.maskstream.frame.FrameId;
import io.maskstream.topic.FrameMetadata;
import org.apache.kafka.common.header.Headers;

/**
 * A frame as it was read: headers checked, picture not yet decoded.
 *
 * @param value the encoded picture; shared, only read
 * @param headers as they came; shared, only read
 * @param timestamp of the records made from it, milliseconds since 1970; never in the future
 * @param bornMicros capture time by this process's clock, microseconds since 1970
 * @param origin where it was read
 */
record FrameRecord(
    FrameMetadata metadata,
    byte[] value,
    Headers headers,
    long timestamp,
    long bornMicros,
    Origin origin) {

  /** A record's place in Kafka. */
  record Origin(String topic, int partition, long offset) {}

  FrameId id() {
    return metadata.id();
  }

  String camera() {
    return id().camera();
  }

  /** Age at a time of this process's clock, microseconds; never negative. */
  long ageMicros(long nowMicros) {
    return Math.max(0, nowMicros - bornMicros);
  }

  /** The same frame, with a capture time by this process's clock. */
  FrameRecord bornAt(long micros) {
    return new FrameRecord(metadata, value, headers, timestamp, micros, origin);
  }
}
