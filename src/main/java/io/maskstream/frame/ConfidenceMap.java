package io.maskstream.frame;

/**
 * How sure a model is of each part of a picture, at the resolution of its scores.
 *
 * @param width cells
 * @param height cells
 * @param values rows from the top, one unsigned byte per cell: probability of the winning class
 *     times {@value #FULL}, rounded; shared, not copied: whoever makes the map hands the array over
 *     and changes it no more
 */
public record ConfidenceMap(int width, int height, byte[] values) {

  /** Value of a probability of 1. */
  public static final int FULL = 255;

  public ConfidenceMap {
    if (width < 1 || height < 1 || values.length != (long) width * height) {
      throw new IllegalArgumentException(
          "a confidence map of %d×%d needs width·height bytes, has %d"
              .formatted(width, height, values.length));
    }
  }

  /** Value at a column and a row, both from 0. */
  public int at(int column, int row) {
    return Byte.toUnsignedInt(values[row * width + column]);
  }

  /** The first value that is not below a probability; those under it are. */
  public static int level(double probability) {
    return (int) Math.ceil(probability * FULL);
  }

  /** Share of the cells whose probability is below one, 0 to 1. */
  public double shareBelow(double probability) {
    int level = level(probability);
    int below = 0;
    for (byte value : values) {
      below += Byte.toUnsignedInt(value) < level ? 1 : 0;
    }
    return (double) below / values.length;
  }
}
