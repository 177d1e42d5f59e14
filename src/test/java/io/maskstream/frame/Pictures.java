package io.maskstream.frame;

/** What tests ask of two pictures. */
public final class Pictures {
  private Pictures() {}

  /** Mean absolute difference of the bytes of two pictures of one size, 0 to 255. */
  public static double meanDifference(Picture a, Picture b) {
    double sum = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      sum += Math.abs((a.rgb()[i] & 0xFF) - (b.rgb()[i] & 0xFF));
    }
    return sum / a.rgb().length;
  }
}
