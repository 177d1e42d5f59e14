package io.maskstream.prototype;

/**
 * Where each pixel of the output stride lay in the frame before, and how well the two pictures
 * agree there.
 *
 * <p>A pixel's motion is the mean of the flow over its {@link DenseMemory#LUMA_SCALE}² luma pixels;
 * its match is the mean over them of exp(-(Δ / σ)²), Δ the difference of brightness along the flow,
 * and 0 for those that come from outside of the picture.
 */
final class Warp {
  private static final int SCALE = DenseMemory.LUMA_SCALE;

  private final int rows;
  private final int columns;
  private final float[] x; // place in the frame before, pixels of the output stride: [h, w]
  private final float[] y;
  private final float[] match; // 0 to 1: [h, w]

  /**
   * Follows a flow.
   *
   * @param tolerance σ, levels of brightness; infinite to count every pixel inside
   */
  Warp(Luma before, Luma now, FlowField flow, double tolerance) {
    this.rows = now.height() / SCALE;
    this.columns = now.width() / SCALE;
    this.x = new float[rows * columns];
    this.y = new float[rows * columns];
    this.match = new float[rows * columns];
    float[] likeness = likeness(tolerance);
    float share = 1f / (SCALE * SCALE);
    for (int v = 0; v < rows * SCALE; v++) {
      for (int u = 0; u < columns * SCALE; u++) {
        int pixel = v * now.width() + u;
        float right = flow.vectors()[2 * pixel];
        float down = flow.vectors()[2 * pixel + 1];
        int cell = v / SCALE * columns + u / SCALE;
        x[cell] += share * right;
        y[cell] += share * down;
        int difference = difference(before, u + right, v + down, now.values()[pixel] & 0xFF);
        match[cell] += difference < 0 ? 0f : share * likeness[difference];
      }
    }
    for (int cell = 0; cell < x.length; cell++) {
      int row = cell / columns;
      x[cell] = cell - row * columns + x[cell] / SCALE;
      y[cell] = row + y[cell] / SCALE;
    }
  }

  private static float[] likeness(double tolerance) {
    float[] table = new float[256];
    for (int d = 0; d < table.length; d++) {
      table[d] = (float) Math.exp(-(d / tolerance) * (d / tolerance));
    }
    return table;
  }

  /** Difference of brightness to an earlier place, 0 to 255; -1 where it is outside. */
  private static int difference(Luma before, float u, float v, int value) {
    if (!(u >= 0 && v >= 0 && u <= before.width() - 1 && v <= before.height() - 1)) {
      return -1;
    }
    int left = (int) u;
    int top = (int) v;
    int next = left < before.width() - 1 ? 1 : 0;
    int below = top < before.height() - 1 ? before.width() : 0;
    int at = top * before.width() + left;
    float across = u - left;
    byte[] values = before.values();
    float upper = mix(values[at] & 0xFF, values[at + next] & 0xFF, across);
    float lower = mix(values[at + below] & 0xFF, values[at + below + next] & 0xFF, across);
    return Math.round(Math.abs(mix(upper, lower, v - top) - value));
  }

  private static float mix(float a, float b, float share) {
    return a + share * (b - a);
  }

  /** How well the pictures agree at each pixel, 0 to 1: [h, w]. */
  float[] match() {
    return match;
  }

  /**
   * Brings a memory's probabilities to where they are now, by bilinear interpolation: [K, h, w].
   */
  float[] probabilities(DenseMemory memory) {
    int pixels = rows * columns;
    byte[] stored = memory.probabilities();
    float[] moved = new float[memory.classes() * pixels];
    for (int n = 0; n < pixels; n++) {
      float across = Math.min(Math.max(x[n], 0f), columns - 1f);
      float down = Math.min(Math.max(y[n], 0f), rows - 1f);
      int left = (int) across;
      int top = (int) down;
      int at = top * columns + left;
      int next = left < columns - 1 ? 1 : 0;
      int below = top < rows - 1 ? columns : 0;
      float right = across - left;
      float bottom = down - top;
      for (int plane = 0; plane < moved.length; plane += pixels) {
        int i = plane + at;
        float upper = mix(stored[i] & 0xFF, stored[i + next] & 0xFF, right);
        float lower = mix(stored[i + below] & 0xFF, stored[i + below + next] & 0xFF, right);
        moved[plane + n] = mix(upper, lower, bottom) * (1f / 255);
      }
    }
    return moved;
  }
}
