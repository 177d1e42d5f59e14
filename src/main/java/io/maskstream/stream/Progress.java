package io.maskstream.stream;

import io.maskstream.metrics.Health;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** Whether work gets on: a fault is when some waits and none is done. */
final class Progress {

  /** Longer than a rebalance with the restoration of stores takes. */
  static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** After a longer pause between two questions, nothing is known of the time between. */
  private static final Duration MAX_UNSEEN = Duration.ofSeconds(30);

  private final String what;
  private final LongSupplier done;
  private final DoubleSupplier waiting;
  private final InstantSource clock;
  private long seen;
  private Instant asked;
  private Instant changed;

  /**
   * A check.
   *
   * @param what is done, for the sentence
   * @param done number of what is done since the start
   * @param waiting number of what waits now
   */
  Progress(String what, LongSupplier done, DoubleSupplier waiting, InstantSource clock) {
    this.what = what;
    this.done = done;
    this.waiting = waiting;
    this.clock = clock;
    this.asked = clock.instant();
    this.changed = asked;
  }

  synchronized Health.CheckResult finding() {
    Instant now = clock.instant();
    long total = done.getAsLong();
    double open = waiting.getAsDouble();
    boolean unseen = Duration.between(asked, now).compareTo(MAX_UNSEEN) > 0;
    if (total != seen || !(open > 0) || unseen) {
      seen = total;
      changed = now;
    }
    asked = now;
    Duration quiet = Duration.between(changed, now);
    return quiet.compareTo(TIMEOUT) < 0
        ? new Health.CheckResult(true, "%d %s".formatted(total, what))
        : new Health.CheckResult(
            false,
            "%d %s, none for %d s while %.0f wait".formatted(total, what, quiet.toSeconds(), open));
  }
}
