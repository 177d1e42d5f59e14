package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.frame.ConfidenceMap;
import io.maskstream.prototype.LogitMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogitDecoderTest {

  /** Scores that vary smoothly, so that cells with equal and with different corners occur. */
  private static LogitMap smooth(int classes, int rows, int columns, long seed) {
    Random random = new Random(seed);
    float[] values = new float[classes * rows * columns];
    for (int k = 0; k < classes; k++) {
      double angle = 6.28 * random.nextDouble();
      double pitch = 0.2 + 0.5 * random.nextDouble();
      for (int n = 0; n < rows * columns; n++) {
        int row = n / columns;
        int column = n % columns;
        double along = row * Math.sin(angle) + column * Math.cos(angle);
        values[k * rows * columns + n] =
            (float) (4 * Math.sin(pitch * along + k) + 0.3 * random.nextGaussian());
      }
    }
    return new LogitMap(classes, rows, columns, values);
  }

  /** Bilinear interpolation by its definition, in double precision. */
  private static double[] scores(LogitMap logits, int height, int width, int y, int x) {
    double down = clamped((y + 0.5) * logits.rows() / height - 0.5, logits.rows());
    double across = clamped((x + 0.5) * logits.columns() / width - 0.5, logits.columns());
    int top = (int) down;
    int left = (int) across;
    int bottom = Math.min(top + 1, logits.rows() - 1);
    int right = Math.min(left + 1, logits.columns() - 1);
    double[] scores = new double[logits.classes()];
    for (int k = 0; k < scores.length; k++) {
      double upper = mixed(at(logits, k, top, left), at(logits, k, top, right), across - left);
      double lower =
          mixed(at(logits, k, bottom, left), at(logits, k, bottom, right), across - left);
      scores[k] = mixed(upper, lower, down - top);
    }
    return scores;
  }

  private static double clamped(double place, int length) {
    return Math.min(Math.max(place, 0), length - 1);
  }

  private static double at(LogitMap logits, int k, int row, int column) {
    return logits.values()[(k * logits.rows() + row) * logits.columns() + column];
  }

  private static double mixed(double a, double b, double share) {
    return a + share * (b - a);
  }

  @ParameterizedTest
  @CsvSource({"9, 12, 36, 48", "9, 12, 35, 46", "5, 7, 5, 7", "8, 6, 21, 50", "1, 1, 4, 4"})
  void decode_labels_areThoseOfBilinearInterpolation(int rows, int columns, int height, int width) {
    LogitMap logits = smooth(6, rows, columns, rows * 31L + width);
    Labels result =
        new LogitDecoder(ConfidenceOutput.NONE, 6, rows, columns, height, width).decode(logits);
    int[] counts = new int[6];
    for (int i = 0; i < height * width; i++) {
      double[] scores = scores(logits, height, width, i / width, i % width);
      int label = result.mask().labels()[i];
      counts[label]++;
      for (double score : scores) { // ties by rounding aside
        assertThat(score).as("pixel %d", i).isLessThan(scores[label] + 1e-5);
      }
    }
    assertThat(result.pixels()).containsExactly(counts);
  }

  @Test
  void decode_confidence_isTheMeanProbabilityOfTheWinners() {
    LogitMap logits = smooth(5, 8, 9, 3);
    double[] sums = new double[5];
    int[] wins = new int[5];
    for (int n = 0; n < logits.pixels(); n++) {
      int winner = 0;
      double total = 0;
      for (int k = 0; k < 5; k++) {
        double score = logits.values()[k * logits.pixels() + n];
        total += Math.exp(score);
        winner = score > logits.values()[winner * logits.pixels() + n] ? k : winner;
      }
      sums[winner] += Math.exp(logits.values()[winner * logits.pixels() + n]) / total;
      wins[winner]++;
    }
    float[] confidence =
        new LogitDecoder(ConfidenceOutput.NONE, 5, 8, 9, 32, 36).decode(logits).confidence();
    for (int k = 0; k < 5; k++) {
      double expected = wins[k] == 0 ? 0 : sums[k] / wins[k];
      assertThat((double) confidence[k]).isCloseTo(expected, within(1e-5));
    }
  }

  @Test
  void decode_map_hasTheProbabilityOfTheWinnerOfEachPixelOfTheLogits() {
    LogitMap logits = smooth(5, 8, 9, 3);
    ConfidenceMap map =
        new LogitDecoder(ConfidenceOutput.MAP, 5, 8, 9, 32, 36).decode(logits).map().orElseThrow();
    assertThat(List.of(map.width(), map.height())).containsExactly(9, 8);
    for (int n = 0; n < logits.pixels(); n++) {
      double largest = 0;
      double total = 0;
      for (int k = 0; k < 5; k++) {
        double power = Math.exp(logits.values()[k * logits.pixels() + n]);
        largest = Math.max(largest, power);
        total += power;
      }
      assertThat((double) map.at(n % 9, n / 9))
          .as("cell %d", n)
          .isCloseTo(255 * largest / total, within(0.51));
    }
  }

  @Test
  void decode_map_ofOneClass_isCertain_andIsMadeOnlyWhenAskedFor() {
    LogitMap logits = new LogitMap(1, 2, 2, new float[] {-3, 0, 1, 40});
    Labels certain = new LogitDecoder(ConfidenceOutput.MAP, 1, 2, 2, 4, 4).decode(logits);
    assertThat(certain.map().orElseThrow().values())
        .containsExactly(new byte[] {-1, -1, -1, -1}); // 255
    assertThat(new LogitDecoder(ConfidenceOutput.NONE, 1, 2, 2, 4, 4).decode(logits).map())
        .isEmpty();
  }

  @Test
  void decode_logitsOfAnotherShape_areRefused() {
    LogitDecoder decoder = new LogitDecoder(ConfidenceOutput.NONE, 5, 8, 9, 32, 36);
    assertThatThrownBy(() -> decoder.decode(smooth(5, 9, 8, 1)))
        .hasMessage("logits must be 5×8×9, are 5×9×8");
  }
}
