package io.maskstream.inference;

/**
 * The exponential function for soft-maxes, several times faster than {@link Math#exp}.
 *
 * <p>e^x = 2^i·2^f with i the nearest integer to x / ln 2 and f in [-½, ½]; 2^f by its Taylor
 * polynomial of degree 5, whose relative error there is below 3e-6.
 */
final class FastExp {
  private static final float LOG2_E = 1.442695f;

  /** Below this the result is 0 within 1e-9. */
  private static final float LOWEST = -21f;

  /** Adding and subtracting this rounds a float to the nearest integer (1.5·2^23). */
  private static final float ROUNDING = 12_582_912f;

  private static final int MANTISSA_BITS = 23;

  // (ln 2)^n / n!
  private static final float C1 = 0.6931472f;
  private static final float C2 = 0.2402265f;
  private static final float C3 = 0.05550411f;
  private static final float C4 = 0.009618129f;
  private static final float C5 = 0.001333356f;

  private FastExp() {}

  /** e^x for x ≤ 0. */
  static float exp(float x) {
    if (x < LOWEST) {
      return 0f;
    }
    float exponent = x * LOG2_E;
    float whole = exponent + ROUNDING - ROUNDING;
    float f = exponent - whole;
    float power = 1f + f * (C1 + f * (C2 + f * (C3 + f * (C4 + f * C5))));
    return Float.intBitsToFloat(Float.floatToRawIntBits(power) + ((int) whole << MANTISSA_BITS));
  }
}
