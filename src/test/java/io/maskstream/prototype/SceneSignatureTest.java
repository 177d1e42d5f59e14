package io.maskstream.prototype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SceneSignatureTest {
  private static final int CELLS = SceneSignature.COLUMNS * SceneSignature.ROWS;

  private static byte[] noise(int width, int height, long seed) {
    byte[] rgb = new byte[3 * width * height];
    new Random(seed).nextBytes(rgb);
    return rgb;
  }

  /** Mean of R + 2G + B of every fourth pixel along both axes, per cell, by the definition. */
  private static double[] means(int width, int height, byte[] rgb) {
    double[] sums = new double[CELLS];
    int[] counts = new int[CELLS];
    for (int y = 0; y < height; y += 4) {
      for (int x = 0; x < width; x += 4) {
        int cell = y * 12 / height * 16 + x * 16 / width;
        int i = 3 * (y * width + x);
        sums[cell] += (rgb[i] & 0xFF) + 2 * (rgb[i + 1] & 0xFF) + (rgb[i + 2] & 0xFF);
        counts[cell]++;
      }
    }
    for (int c = 0; c < CELLS; c++) {
      sums[c] = counts[c] == 0 ? 0 : sums[c] / counts[c];
    }
    return sums;
  }

  private static void check(int width, int height) {
    byte[] rgb = noise(width, height, 5);
    double[] expected = means(width, height, rgb);
    double mean = 0;
    double squares = 0;
    for (double value : expected) {
      mean += value / CELLS;
      squares += value * value / CELLS;
    }
    float[] cells = SceneSignature.of(width, height, rgb).cells();
    for (int c = 0; c < CELLS; c++) {
      double standardized = (expected[c] - mean) / Math.sqrt(squares - mean * mean);
      assertThat((double) cells[c]).isCloseTo(standardized, within(1e-4));
    }
  }

  @Test
  void of_isTheStandardizedMeanBrightnessOfEachCell() {
    check(128, 96);
    check(131, 97);
  }

  @Test
  void of_pictureSmallerThanTheGrid_leavesCellsEmpty() {
    check(16, 16);
  }

  @Test
  void of_uniformPicture_isZero_andUnlikeAnything() {
    SceneSignature gray = SceneSignature.of(64, 48, new byte[3 * 64 * 48]);
    assertThat(gray.cells()).containsOnly(0f);
    assertThat(gray.distance(SceneSignature.of(64, 48, noise(64, 48, 1)))).isEqualTo(1);
  }

  @Test
  void distance_isOneMinusCorrelation() {
    SceneSignature one = SceneSignature.of(64, 48, noise(64, 48, 1));
    float[] negative = one.cells();
    for (int c = 0; c < CELLS; c++) {
      negative[c] = -negative[c];
    }
    assertThat(one.distance(one)).isCloseTo(0, within(1e-6));
    assertThat(one.distance(new SceneSignature(negative))).isCloseTo(2, within(1e-6));
  }

  @Test
  void wrongNumberOfCells_isRefused() {
    assertThatThrownBy(() -> new SceneSignature(new float[3]))
        .hasMessage("a signature has 192 cells, not 3");
  }
}
