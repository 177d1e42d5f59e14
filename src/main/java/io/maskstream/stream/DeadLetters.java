package io.maskstream.stream;

import io.maskstream.stream.FrameRecord.Origin;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** What a dead letter says beyond the record it was: why, and where it was read. */
final class DeadLetters {

  private DeadLetters() {}

  /** The record's headers with the failure's. */
  static Headers headers(Headers original, Origin origin, String failure) {
    Headers headers = new RecordHeaders(original);
    put(headers, "failure", failure);
    put(headers, "failure-topic", origin.topic());
    put(headers, "failure-partition", Integer.toString(origin.partition()));
    put(headers, "failure-offset", Long.toString(origin.offset()));
    return headers;
  }

  private static void put(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
