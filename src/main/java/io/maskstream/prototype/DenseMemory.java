package io.maskstream.prototype;

/**
 * Class probabilities of a camera's last frame at the output stride, with the picture they belong
 * to: what {@link DenseReuse} carries along the optical flow.
 *
 * @param classes K
 * @param rows h
 * @param columns w
 * @param probabilities in units of 1 / 255: [K, h, w]; shared with the receiver
 * @param luma the picture at {@link #LUMA_SCALE} times the output stride's resolution
 */
public record DenseMemory(int classes, int rows, int columns, byte[] probabilities, Luma luma) {

  /** Pixels of the luma picture per pixel of the probabilities, along each axis. */
  public static final int LUMA_SCALE = 2;

  /** Whether it has the shape of logits. */
  public boolean fits(LogitMap logits) {
    return logits.classes() == classes && logits.rows() == rows && logits.columns() == columns;
  }

  public DenseMemory {
    if (probabilities.length != classes * rows * columns
        || luma.width() != LUMA_SCALE * columns
        || luma.height() != LUMA_SCALE * rows) {
      throw new IllegalArgumentException(
          "a memory of %d×%d×%d needs %d probabilities and a picture of %d×%d, has %d and %d×%d"
              .formatted(
                  classes,
                  rows,
                  columns,
                  classes * rows * columns,
                  LUMA_SCALE * columns,
                  LUMA_SCALE * rows,
                  probabilities.length,
                  luma.width(),
                  luma.height()));
    }
  }
}
