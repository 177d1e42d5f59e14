package io.maskstream.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.maskstream.dataset.Batch;
import io.maskstream.loss.LossInput;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairMotionTest {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;
  private static final int STRIDE = 4;

  /** A texture that lies so many pixels further right in the second view. */
  private static Batch moved(int pixels, List<Integer> moving) {
    byte[] rgb = new byte[2 * 3 * WIDTH * HEIGHT];
    for (int i = 0; i < rgb.length; i++) {
      int pixel = i / 3 % (WIDTH * HEIGHT);
      int x = pixel % WIDTH - (i < rgb.length / 2 ? 0 : pixels);
      int y = pixel / WIDTH;
      rgb[i] = (byte) (128 + 60 * Math.sin(x / 5.0) + 50 * Math.cos(y / 6.0 + x / 17.0));
    }
    return new Batch(2, WIDTH, HEIGHT, rgb, new byte[2 * WIDTH * HEIGHT], moving);
  }

  @Test
  void of_aPictureThatMovesRight_pointsToItsPlaceBefore() {
    int rows = HEIGHT / STRIDE;
    int columns = WIDTH / STRIDE;
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager()) {
      LossInput.Motion motion = PairMotion.of(moved(6, List.of(0)), manager, rows, columns).get(0);
      assertThat(motion.before()).isZero();
      assertThat(motion.now()).isEqualTo(1);
      int pixel = rows / 2 * columns + columns / 2;
      double x = 0;
      double y = 0;
      double mass = 0;
      for (int i = 0; i < motion.neighbors().size(); i++) {
        long neighbor = motion.neighbors().get(i).toLongArray()[pixel];
        double share = motion.shares().get(i).toFloatArray()[pixel];
        x += share * (neighbor % columns);
        y += share * Math.floorDiv(neighbor, columns);
        mass += share;
      }
      assertThat(mass).isCloseTo(1, within(1e-6));
      assertThat(x).isCloseTo(10.5, within(0.15));
      assertThat(y).isCloseTo(8, within(0.15));
      float[] match = motion.match().toFloatArray();
      assertThat(match[pixel]).isGreaterThan(0.9f);
      assertThat(match[rows / 2 * columns]).isLessThan(0.5f); // comes from outside
    }
  }

  @Test
  void of_viewsOfDifferentPictures_isEmpty() {
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager()) {
      assertThat(PairMotion.of(moved(6, List.of()), manager, 16, 24)).isEmpty();
    }
  }
}
