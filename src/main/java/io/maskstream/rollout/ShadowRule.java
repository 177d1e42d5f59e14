package io.maskstream.rollout;

import java.time.Duration;

/**
 * How long a new model runs beside the one in use, and what it must reach to take over.
 *
 * @param time beside the other, on the same frames; zero takes over at once
 * @param agreement least share of pixels with the same class, 0 to 1
 */
public record ShadowRule(Duration time, double agreement) {

  /** No verdict on fewer frames than these. */
  public static final int LEAST_FRAMES = 20;

  /** A minute, and six of seven pixels: versions of one network differ by less. */
  public static final ShadowRule DEFAULT = new ShadowRule(Duration.ofSeconds(60), 0.85);

  /** Takes over with the next frame. */
  public static final ShadowRule AT_ONCE = new ShadowRule(Duration.ZERO, 0);

  public ShadowRule {
    if (time.isNegative()) {
      throw new IllegalArgumentException(
          "shadow time must not be negative, is %s s".formatted(time.toMillis() / 1e3));
    }
    if (!(agreement >= 0 && agreement <= 1)) {
      throw new IllegalArgumentException("agreement must be 0 to 1, is " + agreement);
    }
  }
}
