package io.maskstream.prototype;

/**
 * Where each pixel of the output stride lay in the frame before, and how well the two pictures
 * agree there.
 *
 * <p>A pixel's motion is the mean of the flow over its {@link DenseMemory#LUMA_SCALE}² luma pixels;
 * its match is the mean over them of exp(-(Δ / σ)²), Δ the difference of brightness along the flow,
 * and 0 for those that come from outside of the picture.
 */
public final class Warp {
  private static final int SCALE = DenseMemory.LUMA_SCALE;

  /** Parts of a pixel that an interpolation tells apart. */
  private static final int STEPS = 256;

  /** The least part of a moved probability. */
  private static final float UNIT = 1f / 255 / STEPS / STEPS;

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
  public Warp(Luma before, Luma now, FlowField flow, double tolerance) {
    this.rows = now.height() / SCALE;
    this.columns = now.width() / SCALE;
    this.x = new float[rows * columns];
    this.y = new float[rows * columns];
    this.match = new float[rows * columns];
    float[] likeness = likeness(tolerance);
    float share = 1f / (SCALE * SCALE);
    float[] vectors = flow.vectors();
    byte[] values = now.values();
    for (int v = 0; v < rows * SCALE; v++) {
      int firstCell = v / SCALE * columns;
      int firstPixel = v * now.width();
      for (int u = 0; u < columns * SCALE; u++) {
        int pixel = firstPixel + u;
        float right = vectors[2 * pixel];
        float down = vectors[2 * pixel + 1];
        int cell = firstCell + u / SCALE;
        x[cell] += share * right;
        y[cell] += share * down;
        int difference = difference(before, u + right, v + down, values[pixel] & 0xFF);
        match[cell] += difference < 0 ? 0f : share * likeness[difference];
      }
    }
    for (int row = 0, cell = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++, cell++) {
        x[cell] = column + x[cell] / SCALE;
        y[cell] = row + y[cell] / SCALE;
      }
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
    int earlier = mix(before.values(), at, next, below, steps(u - left), steps(v - top));
    return (Math.abs(earlier - STEPS * STEPS * value) + STEPS * STEPS / 2) / (STEPS * STEPS);
  }

  private static int steps(float share) {
    return (int) (STEPS * share + 0.5f);
  }

  /**
   * Interpolates between four bytes.
   *
   * @param next from a byte to its right neighbor
   * @param below from a byte to its lower neighbor
   * @param across share of the right ones in {@link #STEPS}
   * @param down share of the lower ones in {@link #STEPS}
   * @return STEPS² times the value
   */
  private static int mix(byte[] values, int at, int next, int below, int across, int down) {
    int a = values[at] & 0xFF;
    int c = values[at + below] & 0xFF;
    int upper = STEPS * a + across * ((values[at + next] & 0xFF) - a);
    int lower = STEPS * c + across * ((values[at + below + next] & 0xFF) - c);
    return STEPS * upper + down * (lower - upper);
  }

  /** How well the pictures agree at each pixel, 0 to 1: [h, w]. */
  public float[] match() {
    return match;
  }

  /** Brings a memory's probabilities to where they are now, by bilinear interpolation: [K][h·w]. */
  float[][] probabilities(DenseMemory memory) {
    Places places = places();
    int pixels = rows * columns;
    float[][] moved = new float[memory.classes()][pixels];
    for (int k = 0; k < moved.length; k++) {
      float[] plane = moved[k];
      for (int n = 0; n < pixels; n++) {
        plane[n] = UNIT * places.mix(memory.probabilities(), k * pixels, n);
      }
    }
    return moved;
  }

  /** The same in the memory's own units, rounded: [K, h, w]. */
  byte[] moved(DenseMemory memory) {
    Places places = places();
    int pixels = rows * columns;
    byte[] moved = new byte[memory.classes() * pixels];
    for (int plane = 0; plane < moved.length; plane += pixels) {
      for (int n = 0; n < pixels; n++) {
        int value = places.mix(memory.probabilities(), plane, n);
        moved[plane + n] = (byte) ((value + STEPS * STEPS / 2) / (STEPS * STEPS));
      }
    }
    return moved;
  }

  /** Where each pixel lay in the frame before, for bilinear interpolation there. */
  public Places places() {
    int pixels = rows * columns;
    int[] corner = new int[pixels];
    int[] across = new int[pixels];
    int[] down = new int[pixels];
    for (int n = 0; n < pixels; n++) {
      float u = Math.min(Math.max(x[n], 0f), columns - 1f);
      float v = Math.min(Math.max(y[n], 0f), rows - 1f);
      int left = Math.min((int) u, Math.max(0, columns - 2));
      int top = Math.min((int) v, Math.max(0, rows - 2));
      corner[n] = top * columns + left;
      across[n] = steps(u - left);
      down[n] = steps(v - top);
    }
    return new Places(corner, columns > 1 ? 1 : 0, rows > 1 ? columns : 0, across, down);
  }

  /**
   * Four neighbors of each place.
   *
   * @param corner the upper left one, pixels of the output stride: h·w
   * @param next from a neighbor to the one on its right
   * @param below from a neighbor to the one under it
   * @param across share of the right ones in {@link #STEPS}: h·w
   * @param down share of the lower ones in {@link #STEPS}: h·w
   */
  public record Places(int[] corner, int next, int below, int[] across, int[] down) {

    /** Share of a neighbor in the value at a place, 0 to 1. */
    public float share(int place, boolean right, boolean lower) {
      float x = (float) across[place] / STEPS;
      float y = (float) down[place] / STEPS;
      return (right ? x : 1 - x) * (lower ? y : 1 - y);
    }

    /** STEPS² times the value of a plane at a place. */
    private int mix(byte[] values, int plane, int place) {
      return Warp.mix(values, plane + corner[place], next, below, across[place], down[place]);
    }
  }
}
