package io.maskstream.frame;

import java.time.Duration;

/** How long a camera may give no frame: some give one a minute. */
public final class Silence {

  /** A camera is never waited for longer. */
  public static final Duration MOST = Duration.ofMinutes(30);

  private static final int INTERVALS = 3;

  private Silence() {}

  /**
   * Time without a frame after which a camera is silent.
   *
   * @param least time, for cameras whose frames are close together
   * @param intervalMillis from its last frame but one to its last; 0 where unknown
   * @return three intervals, at most {@link #MOST}, or {@code least} where that is longer
   */
  public static Duration after(Duration least, long intervalMillis) {
    long usual = Math.min(INTERVALS * intervalMillis, MOST.toMillis());
    return Duration.ofMillis(Math.max(least.toMillis(), usual));
  }
}
