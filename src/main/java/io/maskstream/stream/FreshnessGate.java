package io.maskstream.stream;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which frames are too old to segment, so that under overload the newest picture wins.
 *
 * <p>A frame older than the bound is stale. Dropping only those would leave a queue of frames that
 * are all just young enough; so once one is stale, the camera catches up: frames are dropped until
 * one is fresh, at a quarter of the bound. Used by one thread.
 */
final class FreshnessGate {

  /** A camera has caught up at the bound divided by this. */
  private static final int FRESH_DIVISOR = 4;

  private final Optional<Duration> maxAge;
  private final Set<String> catchingUp = new HashSet<>();

  /** A gate; without a bound it lets everything pass. */
  FreshnessGate(Optional<Duration> maxAge) {
    this.maxAge = maxAge;
  }

  /** Whether a frame of this age, in microseconds, is to be segmented. */
  boolean admits(String camera, long ageMicros) {
    if (maxAge.isEmpty()) {
      return true;
    }
    long bound = maxAge.get().toNanos() / 1_000;
    boolean late = catchingUp.contains(camera);
    boolean admitted = ageMicros <= (late ? bound / FRESH_DIVISOR : bound);
    if (admitted) {
      catchingUp.remove(camera);
    } else {
      catchingUp.add(camera);
    }
    return admitted;
  }
}
