package io.maskstream.prototype;

import java.util.Arrays;

/**
 * A thumbnail of a picture's brightness, to tell a scene cut from motion.
 *
 * <p>Mean luma on a grid, centred and scaled to unit deviation, so that a change of light alone is
 * none.
 */
public final class SceneSignature {
  /** Columns and rows of the grid. */
  public static final int COLUMNS = 16;

  public static final int ROWS = 12;

  /** Pixels between two samples, along both axes. */
  private static final int SAMPLING = 4;

  private final float[] cells;

  /** From stored cells, COLUMNS·ROWS. */
  public SceneSignature(float[] cells) {
    if (cells.length != COLUMNS * ROWS) {
      throw new IllegalArgumentException(
          "a signature has " + COLUMNS * ROWS + " cells, not " + cells.length);
    }
    this.cells = cells.clone();
  }

  /**
   * The signature of a picture.
   *
   * @param rgb rows from the top, three bytes a pixel
   */
  public static SceneSignature of(int width, int height, byte[] rgb) {
    double[] sums = new double[COLUMNS * ROWS];
    int[] counts = new int[COLUMNS * ROWS];
    for (int y = 0; y < height; y += SAMPLING) {
      int row = y * ROWS / height * COLUMNS;
      for (int x = 0; x < width; x += SAMPLING) {
        int i = 3 * (y * width + x);
        int cell = row + x * COLUMNS / width;
        sums[cell] += (rgb[i] & 0xFF) + 2 * (rgb[i + 1] & 0xFF) + (rgb[i + 2] & 0xFF);
        counts[cell]++;
      }
    }
    for (int c = 0; c < sums.length; c++) {
      sums[c] /= Math.max(1, counts[c]);
    }
    return new SceneSignature(standardised(sums));
  }

  private static float[] standardised(double[] values) {
    double mean = Arrays.stream(values).average().orElse(0);
    double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(0);
    double scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
    float[] result = new float[values.length];
    for (int c = 0; c < result.length; c++) {
      result[c] = (float) ((values[c] - mean) * scale);
    }
    return result;
  }

  /** 1 - correlation with another signature: 0 for the same scene, about 1 for unrelated ones. */
  public double distance(SceneSignature other) {
    double product = 0;
    for (int c = 0; c < cells.length; c++) {
      product += (double) cells[c] * other.cells[c];
    }
    return 1 - product / cells.length;
  }

  public float[] cells() {
    return cells.clone();
  }
}
