package io.maskstream.prototype;

/**
 * Optical flow from a picture back to an earlier one.
 *
 * @param width pixels
 * @param height pixels
 * @param vectors for each pixel how far right and down it lay in the earlier picture, pixels: [h,
 *     w, 2]; shared with the receiver
 */
public record FlowField(int width, int height, float[] vectors) {
  public FlowField {
    if (vectors.length != 2 * width * height) {
      throw new IllegalArgumentException(
          "a flow of %d×%d needs %d values, has %d"
              .formatted(width, height, 2 * width * height, vectors.length));
    }
  }

  /** A field without motion. */
  public static FlowField still(int width, int height) {
    return new FlowField(width, height, new float[2 * width * height]);
  }
}
