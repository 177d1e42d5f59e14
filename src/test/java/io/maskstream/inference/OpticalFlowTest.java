package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.prototype.FlowField;
import io.maskstream.prototype.Luma;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OpticalFlowTest {
  private static final int WIDTH = 240;
  private static final int HEIGHT = 180;
  private static final int MOTION = 5; // pixels to the right
  private static final int LEFT = 100;
  private static final int TOP = 60;
  private static final int SIDE = 16; // of a square that moves over a still background

  /** Noise that is smooth over a few pixels. */
  private static double[] texture(long seed) {
    Random random = new Random(seed);
    double[] values = new double[WIDTH * HEIGHT];
    for (int wave = 0; wave < 40; wave++) {
      double across = random.nextGaussian() / 4;
      double down = random.nextGaussian() / 4;
      double phase = 6 * random.nextDouble();
      for (int i = 0; i < values.length; i++) {
        int row = i / WIDTH;
        values[i] += 8 * Math.sin(across * (i % WIDTH) + down * row + phase);
      }
    }
    return values;
  }

  /** Whether a pixel of the picture before is of the square. */
  private static boolean isSquare(int pixel) {
    int x = pixel % WIDTH;
    int y = pixel / WIDTH;
    return x >= LEFT && x < LEFT + SIDE && y >= TOP && y < TOP + SIDE;
  }

  /** The square has moved so far. */
  private static Luma picture(int motion) {
    double[] background = texture(1);
    double[] square = texture(2);
    byte[] values = new byte[WIDTH * HEIGHT];
    for (int i = 0; i < values.length; i++) {
      double value = 128 + (isSquare(i - motion) ? square[i - motion] : background[i]);
      values[i] = (byte) Math.max(0, Math.min(255, value));
    }
    return new Luma(WIDTH, HEIGHT, values);
  }

  /** Mean length of the error, pixels. */
  private static double error(FlowField flow) {
    double sum = 0;
    float[] vectors = flow.vectors();
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      int motion = isSquare(i - MOTION) ? MOTION : 0;
      sum += Math.hypot(vectors[2 * i] + motion, vectors[2 * i + 1]);
    }
    return sum / (WIDTH * HEIGHT);
  }

  @Test
  void flow_pointsBackToWhereThingsWere_finerCloserThanFast() {
    Luma before = picture(0);
    Luma now = picture(MOTION);
    double fast = error(OpticalFlow.between(now, before));
    double finer = error(OpticalFlow.finer(now, before));
    assertThat(fast).isLessThan(0.06); // 0.036 and 0.028 when this was written
    assertThat(finer).isLessThan(0.9 * fast);
  }
}
