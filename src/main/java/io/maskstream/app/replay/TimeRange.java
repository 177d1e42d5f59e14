package io.maskstream.app.replay;

import io.maskstream.app.option.TimeOption;
import io.maskstream.frame.Micros;
import java.time.Instant;

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
    return new TimeRange(TimeOption.read("--from", from, now), TimeOption.read("--to", to, now));
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
