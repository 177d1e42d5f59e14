package io.maskstream.app.replay;

import io.maskstream.config.YamlReader;
import io.maskstream.frame.Micros;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * Capture times of a replay.
 *
 * @param from first of them
 * @param to the first that is too late
 */
record TimeRange(Instant from, Instant to) {

  TimeRange {
    if (!from.isBefore(to)) {
      throw new IllegalArgumentException(
          "--from must be before --to, they are %s and %s".formatted(from, to));
    }
  }

  /** Reads both options, against one now. */
  static TimeRange of(String from, String to, Instant now) {
    return new TimeRange(instant("--from", from, now), instant("--to", to, now));
  }

  private static Instant instant(String option, String text, Instant now) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return back(option, text, now);
    }
  }

  private static Instant back(String option, String text, Instant now) {
    try {
      return now.minus(YamlReader.duration(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s must be a time such as 2026-11-24T20:00:00Z or a duration back such as 10m, is '%s'"
              .formatted(option, text),
          e);
    }
  }

  /**
   * Whether a time lies in it.
   *
   * @param micros microseconds since 1970
   */
  boolean contains(long micros) {
    return micros >= Micros.of(from) && micros < Micros.of(to);
  }

  @Override
  public String toString() {
    return from + " to " + to;
  }
}
