package io.maskstream.frame;

import java.util.Arrays;

/**
 * A class id for every pixel.
 *
 * @param width pixels
 * @param height pixels
 * @param labels rows from the top, one unsigned byte a pixel; shared, not copied: whoever makes the
 *     mask hands the array over and changes it no more
 */
public record Mask(int width, int height, byte[] labels) {
  public Mask {
    if (width < 1 || height < 1 || labels.length != (long) width * height) {
      throw new IllegalArgumentException(
          "a mask of %d×%d needs width·height bytes, has %d"
              .formatted(width, height, labels.length));
    }
  }

  /** Class id at a column and a row, both from 0. */
  public int at(int x, int y) {
    return Byte.toUnsignedInt(labels[y * width + x]);
  }

  /** The mask at another size: each pixel takes the class of the nearest one. */
  public Mask scaled(int toWidth, int toHeight) {
    if (toWidth == width && toHeight == height) {
      return this;
    }
    byte[] scaled = new byte[toWidth * toHeight];
    for (int y = 0; y < toHeight; y++) {
      int row = nearest(y, toHeight, height) * width;
      for (int x = 0; x < toWidth; x++) {
        scaled[y * toWidth + x] = labels[row + nearest(x, toWidth, width)];
      }
    }
    return new Mask(toWidth, toHeight, scaled);
  }

  /** Index whose centre is nearest to the centre of pixel i of another length. */
  private static int nearest(int i, int length, int ours) {
    return (int) ((2L * i + 1) * ours / (2L * length));
  }

  /**
   * End of the run of equal values that begins somewhere in an array. Runs are long in masks.
   *
   * @param end where the run ends at the latest, above {@code from}
   */
  public static int runEnd(byte[] values, int from, int end) {
    int same = Arrays.mismatch(values, from, end - 1, values, from + 1, end); // 8 at a time
    return same < 0 ? end : from + same + 1;
  }
}
