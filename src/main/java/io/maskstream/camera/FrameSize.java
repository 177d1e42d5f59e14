package io.maskstream.camera;

/**
 * Width and height of a frame, pixels.
 *
 * @param width pixels
 * @param height pixels
 */
record FrameSize(int width, int height) {
  private static final int MIN = 2;

  /**
   * The largest size of the same shape inside a bound; never larger than the frame itself. Sides
   * are even, as subsampled encodings need them.
   */
  FrameSize within(int maxWidth, int maxHeight) {
    double scale = Math.min(1, Math.min((double) maxWidth / width, (double) maxHeight / height));
    return new FrameSize(even(width * scale, maxWidth & ~1), even(height * scale, maxHeight & ~1));
  }

  private static int even(double side, int max) {
    int rounded = 2 * (int) Math.round(side / 2);
    return Math.max(MIN, Math.min(rounded, Math.max(MIN, max)));
  }
}
