package io.maskstream.prototype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against the definition, written down in doubles without tables. */
class WarpTest {
  private static final int CLASSES = 2;
  private static final int ROWS = 4;
  private static final int COLUMNS = 5;
  private static final int WIDTH = 2 * COLUMNS;
  private static final int HEIGHT = 2 * ROWS;
  private static final double TOLERANCE = 40;

  private final Random random = new Random(3);
  private final Luma before = luma();
  private final Luma now = luma();

  private Luma luma() {
    byte[] values = new byte[WIDTH * HEIGHT];
    random.nextBytes(values);
    return new Luma(WIDTH, HEIGHT, values);
  }

  private FlowField flow(float largest) {
    float[] vectors = new float[2 * WIDTH * HEIGHT];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = Math.round(32 * (2 * random.nextFloat() - 1) * largest) / 32f; // exact in it
    }
    return new FlowField(WIDTH, HEIGHT, vectors);
  }

  private static double bilinear(byte[] values, int start, int columns, double x, double y) {
    double sum = 0;
    for (int row = (int) y; row <= (int) y + 1; row++) {
      for (int column = (int) x; column <= (int) x + 1; column++) {
        double weight = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
        if (weight > 0) {
          sum += weight * (values[start + row * columns + column] & 0xFF);
        }
      }
    }
    return sum;
  }

  private double match(FlowField flow, int row, int column) {
    double sum = 0;
    for (int v = 2 * row; v < 2 * row + 2; v++) {
      for (int u = 2 * column; u < 2 * column + 2; u++) {
        double x = u + flow.vectors()[2 * (v * WIDTH + u)];
        double y = v + flow.vectors()[2 * (v * WIDTH + u) + 1];
        if (x >= 0 && y >= 0 && x <= WIDTH - 1 && y <= HEIGHT - 1) {
          double past = bilinear(before.values(), 0, WIDTH, x, y);
          double difference = Math.round(Math.abs(past - (now.values()[v * WIDTH + u] & 0xFF)));
          sum += Math.exp(-Math.pow(difference / TOLERANCE, 2)) / 4;
        }
      }
    }
    return sum;
  }

  private static double mean(FlowField flow, int row, int column, int axis) {
    double sum = 0;
    for (int v = 2 * row; v < 2 * row + 2; v++) {
      for (int u = 2 * column; u < 2 * column + 2; u++) {
        sum += flow.vectors()[2 * (v * WIDTH + u) + axis] / 4.0;
      }
    }
    return sum / 2; // from luma pixels to pixels of the output stride
  }

  private static double clamp(double value, int last) {
    return Math.min(Math.max(value, 0), last);
  }

  private void check(FlowField flow) {
    Warp warp = new Warp(before, now, flow, TOLERANCE);
    byte[] stored = new byte[CLASSES * ROWS * COLUMNS];
    random.nextBytes(stored);
    float[][] moved = warp.probabilities(new DenseMemory(CLASSES, ROWS, COLUMNS, stored, before));
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        int n = row * COLUMNS + column;
        assertThat((double) warp.match()[n]).isCloseTo(match(flow, row, column), within(1e-5));
        double x = clamp(column + mean(flow, row, column, 0), COLUMNS - 1);
        double y = clamp(row + mean(flow, row, column, 1), ROWS - 1);
        for (int k = 0; k < CLASSES; k++) {
          double expected = bilinear(stored, k * ROWS * COLUMNS, COLUMNS, x, y) / 255;
          assertThat((double) moved[k][n]).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  @Test
  void smallMotion_isTheDefinition() {
    check(flow(0.9f));
  }

  @Test
  void largeMotion_outOfThePicture_isTheDefinition() {
    check(flow(9));
  }

  @Test
  void noMotion_staysInPlaceUpToTheLastRowAndColumn() {
    check(FlowField.still(WIDTH, HEIGHT));
    assertThat(new Warp(now, now, FlowField.still(WIDTH, HEIGHT), TOLERANCE).match())
        .containsOnly(1f);
  }

  @Test
  void notANumber_matchesNothing() {
    FlowField flow = FlowField.still(WIDTH, HEIGHT);
    flow.vectors()[0] = Float.NaN;
    assertThat(new Warp(now, now, flow, TOLERANCE).match()[0]).isEqualTo(0.75f);
  }

  @Test
  void placeBetweenTheSteps_isThatOfTheNearest() {
    float[] vectors = new float[2 * WIDTH * HEIGHT];
    Arrays.fill(vectors, 2 * (0.25f + 0.4f / 256));
    byte[] stored = new byte[ROWS * COLUMNS];
    random.nextBytes(stored);
    Warp warp = new Warp(before, now, new FlowField(WIDTH, HEIGHT, vectors), TOLERANCE);
    float moved = warp.probabilities(new DenseMemory(1, ROWS, COLUMNS, stored, before))[0][0];
    assertThat((double) moved)
        .isCloseTo(bilinear(stored, 0, COLUMNS, 0.25, 0.25) / 255, within(1e-6));
  }
}
