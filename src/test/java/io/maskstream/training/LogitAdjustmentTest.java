package io.maskstream.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LogitAdjustmentTest {

  @Test
  void meanIou_ofThreePixels_isHandComputed() {
    LogitAdjustment adjustment = new LogitAdjustment(2);
    // Labels 0, 1, 1, void; the second pixel is taken for 0 by a margin of 0.5.
    adjustment.add(new float[] {2, 0, 0.5f, 0, 0, 3, 9, 0}, new byte[] {0, 1, 1, (byte) 255});
    assertThat(adjustment.meanIou(new double[2])).isCloseTo((0.5 + 0.5) / 2, within(1e-12));
    assertThat(adjustment.meanIou(new double[] {0, 1.5})).isEqualTo(1);
    double[] best = adjustment.best();
    assertThat(best[1] - best[0]).isBetween(0.5, 2.0); // between the margins of the two
    assertThat(adjustment.meanIou(best)).isEqualTo(1);
  }

  /** A rare class that is never the likeliest: the likeliest class has half of the mean IoU. */
  @Test
  void best_onLogitsOfARareClass_isNeverWorseAndFindsIt() {
    Random random = new Random(5);
    int pixels = 4000;
    float[] logits = new float[2 * pixels];
    byte[] labels = new byte[pixels];
    for (int n = 0; n < pixels; n++) {
      labels[n] = (byte) (random.nextInt(20) == 0 ? 1 : 0);
      logits[2 * n] = 3;
      logits[2 * n + 1] = (float) ((labels[n] == 1 ? 1.5 : 0) + 0.7 * random.nextGaussian());
    }
    LogitAdjustment adjustment = new LogitAdjustment(2);
    adjustment.add(logits, labels);
    double before = adjustment.meanIou(new double[2]);
    assertThat(before).isLessThan(0.55);
    assertThat(adjustment.meanIou(adjustment.best())).isGreaterThan(before + 0.1);
  }

  @Test
  void add_withTooFewScores_saysSo() {
    assertThatThrownBy(() -> new LogitAdjustment(3).add(new float[5], new byte[2]))
        .hasMessage("2 labels need 6 scores, there are 5");
  }
}
