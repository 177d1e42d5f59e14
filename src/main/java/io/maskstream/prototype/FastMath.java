package io.maskstream.prototype;

/**
 * Exponential and logarithm for soft-maxes, several times faster than those of {@link Math}.
 *
 * <p>e^x = (e^(x / 256))^256 with the inner power by its Taylor polynomial of degree 4 and the
 * outer one by squaring eight times, relative error below 3e-5: nothing in it keeps the compiler
 * from computing many at once. ln(2^e·m) = e·ln 2 + ln m with m in [√½, √2), ln m = 2·artanh((m -
 * 1) / (m + 1)) by four terms, absolute error below 1e-6.
 */
public final class FastMath {
  private static final float LN_2 = 0.6931472f;

  /** Below this the exponential is taken for that of this, 8e-10. */
  private static final float LOWEST = -21f;

  private static final int MANTISSA_BITS = 23;

  private static final int MANTISSA_MASK = 0x7FFFFF;

  /** Bits of √½, which split a float into 2^e and m in [√½, √2). */
  private static final int ROOT_HALF_BITS = 0x3F3504F3;

  private static final float INNER = 1f / 256;

  private FastMath() {}

  /** e^x for x ≤ 0. */
  public static float exp(float x) {
    float f = Math.max(x, LOWEST) * INNER;
    float p = 1f + f * (1f + f * (1f / 2 + f * (1f / 6 + f * (1f / 24))));
    p *= p; // 2
    p *= p;
    p *= p; // 8
    p *= p;
    p *= p; // 32
    p *= p;
    p *= p; // 128
    return p * p;
  }

  /** ln x for normal x above 0. */
  public static float log(float x) {
    int bits = Float.floatToRawIntBits(x) - ROOT_HALF_BITS;
    int exponent = bits >> MANTISSA_BITS;
    float m = Float.intBitsToFloat((bits & MANTISSA_MASK) + ROOT_HALF_BITS);
    float t = (m - 1) / (m + 1);
    float squared = t * t;
    float series = 1f + squared * (1f / 3 + squared * (1f / 5 + squared * (1f / 7)));
    return exponent * LN_2 + 2 * t * series;
  }
}
