package io.maskstream.camera;

/**
 * Width and height of a frame, pixels.
 *
 * @param width pixels
 * @param height pixels
 */
record FrameSize(int width, int height) {
  private static final int MIN = 2;

  /** Anamorphic video has pixels of up to 2:1; more is a mistake in the stream. */
  private static final double MAX_ASPECT = 4;

  /**
   * The largest size of the same shape inside a bound; never larger than the frame itself, unless
   * that is a pixel wide or high. Sides are even, as subsampled encodings need them.
   */
  FrameSize within(int maxWidth, int maxHeight) {
    double scale = Math.min(1, Math.min((double) maxWidth / width, (double) maxHeight / height));
    return new FrameSize(
        even(width * scale, Math.min(width, maxWidth)),
        even(height * scale, Math.min(height, maxHeight)));
  }

  /**
   * The same picture in square pixels: no side is larger than before.
   *
   * @param aspect width by height of a pixel; the shape stays where no camera would have such
   */
  FrameSize withPixels(double aspect) {
    if (aspect > MAX_ASPECT || aspect < 1 / MAX_ASPECT) {
      return this;
    }
    return new FrameSize(
        (int) Math.max(1, Math.round(width * Math.min(1, aspect))),
        (int) Math.max(1, Math.round(height / Math.max(1, aspect))));
  }

  private static int even(double side, int max) {
    int rounded = 2 * (int) Math.round(side / 2);
    return Math.max(MIN, Math.min(rounded, max & ~1));
  }
}
