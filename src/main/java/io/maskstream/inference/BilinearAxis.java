package io.maskstream.inference;

/**
 * One axis of a bilinear resize with pixel centers at half-integers, as ONNX defines it: output
 * pixel x lies at (x + ½)·from / to - ½ of the source, clamped to it.
 *
 * <p>A cell is what lies between two neighboring source pixels; its output pixels are consecutive.
 */
final class BilinearAxis {
  private final int from;
  private final int[] starts; // first output pixel of each cell, and the end: from + 1
  private final float[] weights; // of the cell's second source pixel, by output pixel: to

  /**
   * An axis.
   *
   * @param from source pixels
   * @param to output pixels
   */
  BilinearAxis(int from, int to) {
    this.from = from;
    this.starts = new int[from + 1];
    this.weights = new float[to];
    float ratio = (float) from / to;
    int open = 0;
    for (int x = 0; x < to; x++) {
      float at = Math.min(Math.max((x + 0.5f) * ratio - 0.5f, 0f), from - 1f);
      int cell = (int) at;
      weights[x] = at - cell;
      while (open < cell) {
        starts[++open] = x;
      }
    }
    while (open < from) {
      starts[++open] = to;
    }
  }

  /** Number of cells, one per source pixel. */
  int cells() {
    return from;
  }

  /** First output pixel of a cell. */
  int start(int cell) {
    return starts[cell];
  }

  /** One past the last output pixel of a cell. */
  int end(int cell) {
    return starts[cell + 1];
  }

  /** The cell's second source pixel; the first is the cell's own number. */
  int next(int cell) {
    return Math.min(cell + 1, from - 1);
  }

  /** Weight of the cell's second source pixel at an output pixel, 0 to 1. */
  float weight(int output) {
    return weights[output];
  }
}
