package io.maskstream.stream;

import io.maskstream.frame.FrameId;
import io.maskstream.topic.DropRecord.Reason;
import io.maskstream.topic.EncodedPicture;
import io.maskstream.topic.FrameMetadata;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;

/**
 * A frame as it was read: headers checked, picture not yet decoded.
 *
 * @param value the encoded picture, from the record or from this process's memory; shared, only
 *     read
 * @param headers as they came; shared, only read
 * @param timestamp of the records made from it, milliseconds since 1970; never in the future
 * @param bornMicros capture time by this process's clock, microseconds since 1970
 * @param origin where it was read
 * @param missing why there is no picture, where there is none
 */
record FrameRecord(
    FrameMetadata metadata,
    byte[] value,
    Headers headers,
    long timestamp,
    long bornMicros,
    Origin origin,
    Optional<Reason> missing) {

  private static final byte[] NOTHING = {};

  /** A frame whose record carries the picture. */
  FrameRecord(
      FrameMetadata metadata,
      byte[] value,
      Headers headers,
      long timestamp,
      long bornMicros,
      Origin origin) {
    this(metadata, value, headers, timestamp, bornMicros, origin, Optional.empty());
  }

  /** A record's place in Kafka. */
  record Origin(String topic, int partition, long offset) {}

  FrameId id() {
    return metadata.id();
  }

  String camera() {
    return id().camera();
  }

  /** The record's value: a picture that was held in the process is no part of it. */
  byte[] recordValue() {
    return metadata.held() ? NOTHING : value;
  }

  /** Age at a time of this process's clock, microseconds; never negative. */
  long ageMicros(long nowMicros) {
    return Math.max(0, nowMicros - bornMicros);
  }

  EncodedPicture picture() {
    return new EncodedPicture(value, metadata.contentType(), metadata.width(), metadata.height());
  }

  /** The same frame, with a capture time by this process's clock. */
  FrameRecord bornAt(long micros) {
    return new FrameRecord(metadata, value, headers, timestamp, micros, origin, missing);
  }
}
