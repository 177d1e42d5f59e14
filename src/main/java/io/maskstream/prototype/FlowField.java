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

  /**
   * The flow to a picture that is still earlier, by bilinear interpolation; what came from outside
   * follows the edge.
   *
   * @param before from the earlier picture back to that one, of the same size
   */
  public FlowField then(FlowField before) {
    float[] sum = new float[vectors.length];
    for (int v = 0; v < height; v++) {
      for (int u = 0; u < width; u++) {
        int at = 2 * (v * width + u);
        float x = Math.min(Math.max(u + vectors[at], 0f), width - 1f);
        float y = Math.min(Math.max(v + vectors[at + 1], 0f), height - 1f);
        sum[at] = vectors[at] + before.at(x, y, 0);
        sum[at + 1] = vectors[at + 1] + before.at(x, y, 1);
      }
    }
    return new FlowField(width, height, sum);
  }

  /** How far right (0) or down (1) at a place inside. */
  private float at(float x, float y, int axis) {
    int left = (int) x;
    int top = (int) y;
    int at = 2 * (top * width + left) + axis;
    int right = left < width - 1 ? 2 : 0;
    int below = top < height - 1 ? 2 * width : 0;
    float upper = vectors[at] + (x - left) * (vectors[at + right] - vectors[at]);
    float lower =
        vectors[at + below] + (x - left) * (vectors[at + below + right] - vectors[at + below]);
    return upper + (y - top) * (lower - upper);
  }

  /** A field without motion. */
  public static FlowField still(int width, int height) {
    return new FlowField(width, height, new float[2 * width * height]);
  }
}
