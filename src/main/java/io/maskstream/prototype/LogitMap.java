package io.maskstream.prototype;

/**
 * Class scores at the output stride, before the soft-max.
 *
 * @param classes K
 * @param rows h
 * @param columns w
 * @param values class by class, rows from the top: [K, h, w]; shared with the receiver
 */
public record LogitMap(int classes, int rows, int columns, float[] values) {
  public LogitMap {
    if (values.length != classes * rows * columns) {
      throw new IllegalArgumentException(
          "logits of %d×%d×%d need %d values, have %d"
              .formatted(classes, rows, columns, classes * rows * columns, values.length));
    }
  }

  /** Number of pixels at the output stride, h·w. */
  public int pixels() {
    return rows * columns;
  }
}
