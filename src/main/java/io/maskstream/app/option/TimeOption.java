package io.maskstream.app.option;

import io.maskstream.config.YamlReader;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** Times of the command line: absolute, or how long ago. */
public final class TimeOption {
  /** Microseconds of more do not fit into a long. */
  private static final long MOST_SECONDS = Long.MAX_VALUE / 1_000_000;

  private TimeOption() {}

  /**
   * Reads a time.
   *
   * @param option its name, for the message
   * @throws IllegalArgumentException states the rule and the value
   */
  public static Instant read(String option, String text, Instant now) {
    try {
      Instant time = Instant.parse(text);
      if (Math.abs(time.getEpochSecond()) <= MOST_SECONDS) {
        return time;
      }
      throw new IllegalArgumentException("%s is too far away: %s".formatted(option, text));
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
}
