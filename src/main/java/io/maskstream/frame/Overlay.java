package io.maskstream.frame;

import java.util.List;

/** Draws a mask over a picture. */
public final class Overlay {
  private Overlay() {}

  /**
   * The picture with each pixel mixed with the colour of its class; the mask is scaled to it.
   *
   * @param opacity 0 shows the picture, 1 the mask alone
   */
  public static Picture draw(Picture picture, Mask mask, ClassTable table, double opacity) {
    if (opacity < 0 || opacity > 1) {
      throw new IllegalArgumentException("opacity must be 0 to 1, is " + opacity);
    }
    int[] colors = colors(table);
    int share = (int) Math.round(opacity * 256);
    byte[] labels = mask.scaled(picture.width(), picture.height()).labels();
    byte[] from = picture.rgb();
    byte[] to = new byte[from.length];
    for (int n = 0; n < labels.length; n++) {
      int color = colors[labels[n] & 0xFF];
      int i = 3 * n;
      to[i] = mix(from[i], color >> 16 & 0xFF, share);
      to[i + 1] = mix(from[i + 1], color >> 8 & 0xFF, share);
      to[i + 2] = mix(from[i + 2], color & 0xFF, share);
    }
    return new Picture(picture.width(), picture.height(), to);
  }

  private static byte mix(byte pixel, int color, int share) {
    return (byte) (((pixel & 0xFF) * (256 - share) + color * share) >> 8);
  }

  /** Colour of every possible label; void is black. */
  private static int[] colors(ClassTable table) {
    int[] colors = new int[256];
    List<SegmentationClass> classes = table.classes();
    for (int k = 0; k < classes.size(); k++) {
      colors[k] = classes.get(k).color();
    }
    return colors;
  }
}
