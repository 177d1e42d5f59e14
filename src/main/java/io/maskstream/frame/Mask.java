package io.maskstream.frame;

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
}
