package io.maskstream.stream;

import io.maskstream.stream.FrameRecord.Origin;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What a dead letter says beyond the record it was: why, and where it was read. A record that would
 * be larger than a producer may send with that is without its value, and where that is not enough
 * without its headers and key, so that it cannot hold its partition up.
 */
final class DeadLetters {
  private static final int MAX_FAILURE = 1_000; // characters
  private static final int OVERHEAD = 500; // bytes of a record and of its batch
  private static final int HEADER_OVERHEAD = 10;
  private static final long UTF8_BYTES = 3; // of a char, at most
  private static final byte[] NOTHING = {};

  private DeadLetters() {}

  /** A dead letter. */
  record Letter(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {

    private long bytes() {
      long sum = OVERHEAD + length(key) + length(value);
      for (Header header : headers) {
        sum += HEADER_OVERHEAD + UTF8_BYTES * header.key().length() + length(header.value());
      }
      return sum;
    }
  }

  /**
   * The dead letter of a record.
   *
   * @param record as it was read
   * @param maxBytes largest record that is sent
   */
  static Letter of(Letter record, Origin origin, String failure, long maxBytes) {
    Letter whole = with(record, record.headers(), origin, failure);
    if (whole.bytes() <= maxBytes) {
      return whole;
    }
    Letter withoutValue =
        new Letter(whole.key(), NOTHING, sized(whole.headers(), "value", length(record.value())));
    if (withoutValue.bytes() <= maxBytes) {
      return withoutValue;
    }
    Letter least = with(record, new RecordHeaders(), origin, failure);
    return new Letter(null, NOTHING, sized(least.headers(), "record", record.bytes()));
  }

  private static Letter with(Letter record, Headers original, Origin origin, String failure) {
    Headers headers = new RecordHeaders(original);
    put(headers, "failure", shortened(failure));
    put(headers, "failure-topic", origin.topic());
    put(headers, "failure-partition", Integer.toString(origin.partition()));
    put(headers, "failure-offset", Long.toString(origin.offset()));
    return new Letter(record.key(), record.value(), headers);
  }

  private static Headers sized(Headers headers, String what, long bytes) {
    put(headers, "failure-" + what + "-bytes", Long.toString(bytes));
    return headers;
  }

  /** A failure may quote what a stranger wrote. */
  static String shortened(String failure) {
    return failure.length() <= MAX_FAILURE ? failure : failure.substring(0, MAX_FAILURE) + "…";
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private static void put(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
