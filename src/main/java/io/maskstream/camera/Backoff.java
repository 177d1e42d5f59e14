package io.maskstream.camera;

import io.maskstream.camera.CameraException.Kind;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waits between attempts to open a camera: each is twice as long as the one before. Where the
 * camera refuses the user the waits are minutes. Used by one thread.
 */
final class Backoff {

  /** A share of the wait is drawn at random, so that cameras of one switch do not come together. */
  private static final double JITTER = 0.1;

  /** The longest wait of a camera that refuses, as a multiple of the first. */
  private static final int REFUSED_FACTOR = 10;

  private final CameraConfig config;
  private final RandomGenerator random;
  private int passing;
  private int refused;

  Backoff(CameraConfig config, RandomGenerator random) {
    this.config = config;
    this.random = random;
  }

  /** The wait after one more failure in a row. */
  Duration next(Kind kind) {
    if (kind == Kind.REFUSED) {
      Duration first = config.refusedDelay();
      return doubled(first, first.multipliedBy(REFUSED_FACTOR), refused++);
    }
    return doubled(config.reconnectDelay(), config.maxReconnectDelay(), passing++);
  }

  private Duration doubled(Duration first, Duration longest, int failuresBefore) {
    double nanos =
        Math.min(
            (double) first.toNanos() * Math.pow(2, failuresBefore), (double) longest.toNanos());
    return Duration.ofNanos((long) (nanos * (1 - JITTER * random.nextDouble())));
  }

  /** The camera delivers. */
  void reset() {
    passing = 0;
    refused = 0;
  }
}
