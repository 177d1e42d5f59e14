package io.maskstream.network;

/** IEEE 754 half precision, which Java has from version 20 on. */
public final class HalfFloat {
  private static final int MANTISSA_BITS = 10;
  private static final float SUBNORMAL = 0x1p-24f;

  private HalfFloat() {}

  /**
   * The nearest half-precision number, ties to even; too large becomes infinite, too small zero or
   * subnormal.
   */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7FFFFFFF;
    if (magnitude >= 0x47800000) { // 65536 and above, infinities, NaN
      return (short) (magnitude > 0x7F800000 ? sign | 0x7E00 : sign | 0x7C00);
    }
    if (magnitude < 0x38800000) { // below 2^-14: subnormal
      int shift = 126 - (magnitude >>> 23);
      if (shift > 24) {
        return (short) sign;
      }
      int mantissa = (magnitude & 0x7FFFFF) | 0x800000;
      return (short) (sign | rounded(mantissa, shift));
    }
    return (short) (sign | rounded(magnitude - 0x38000000, 13));
  }

  /** Shifts to the right and rounds to nearest, ties to even. */
  private static int rounded(int value, int shift) {
    int down = value >>> shift;
    int rest = value & (1 << shift) - 1;
    int middle = 1 << (shift - 1);
    boolean up = rest > middle || (rest == middle && (down & 1) == 1);
    return up ? down + 1 : down;
  }

  /** The number that half-precision bits stand for. */
  public static float toFloat(short half) {
    int exponent = half >>> MANTISSA_BITS & 0x1F;
    int mantissa = half & 0x3FF;
    int sign = (half & 0x8000) << 16;
    if (exponent == 0) {
      float magnitude = mantissa * SUBNORMAL;
      return sign == 0 ? magnitude : -magnitude;
    }
    int bits = exponent == 0x1F ? 0x7F800000 : (exponent + 112) << 23;
    return Float.intBitsToFloat(sign | bits | (mantissa << 13));
  }
}
