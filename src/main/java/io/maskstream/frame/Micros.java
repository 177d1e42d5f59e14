package io.maskstream.frame;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/** The unit of capture times: whole microseconds. */
public final class Micros {
  private Micros() {}

  /** Microseconds since 1970. */
  public static long of(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  /** A length of time in microseconds. */
  public static long of(Duration duration) {
    return TimeUnit.NANOSECONDS.toMicros(duration.toNanos());
  }

  /** Now, in microseconds since 1970. */
  public static long now(InstantSource clock) {
    return of(clock.instant());
  }
}
