package io.maskstream.topic;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** The header by which the records of a frame belong to its trace. */
public final class TraceHeader {
  /** Name, as W3C Trace Context has it. */
  private static final String NAME = "traceparent";

  private TraceHeader() {}

  /** Adds the header to a record. */
  public static void put(Headers headers, String value) {
    headers.add(NAME, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The header of a record, as it came. */
  public static Optional<String> of(Headers headers) {
    return Optional.ofNullable(headers.lastHeader(NAME))
        .map(Header::value)
        .map(value -> new String(value, StandardCharsets.UTF_8));
  }
}
