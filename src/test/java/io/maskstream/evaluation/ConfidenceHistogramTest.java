package io.maskstream.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.Mask;
import org.junit.jupiter.api.Test;

class ConfidenceHistogramTest {

  /** Two pixels of the mask to a cell; the last pixel is void, the second and fifth are wrong. */
  private static ConfidenceHistogram histogram() {
    ConfidenceHistogram histogram = new ConfidenceHistogram(2);
    histogram.add(
        new Mask(6, 1, new byte[] {0, 1, 0, 1, 1, (byte) 255}),
        new Mask(6, 1, new byte[] {0, 0, 0, 1, 0, 0}),
        new ConfidenceMap(3, 1, new byte[] {100, (byte) 250, 10}));
    return histogram;
  }

  @Test
  void split_countsPixelsByTheirCell_withoutVoid() {
    ConfidenceHistogram.Split split = histogram().split(0.5);
    assertThat(split.unknown()).isEqualTo(3.0 / 5);
    assertThat(split.ofRight()).isEqualTo(1.0 / 3);
    assertThat(split.ofWrong()).isEqualTo(1);
    assertThat(split.precision()).isCloseTo(2.0 / 3, within(1e-9));
    assertThat(histogram().split(0.039).precision()).isNaN();
  }

  @Test
  void threshold_isTheLargestThatSparesTheRightPixels() {
    assertThat(ConfidenceMap.level(histogram().threshold(0.3))).isEqualTo(100);
    assertThat(ConfidenceMap.level(histogram().threshold(0.34))).isEqualTo(250);
    assertThat(histogram().threshold(1)).isEqualTo(1);
  }

  @Test
  void masksOfDifferentSize_areRefused() {
    Mask small = new Mask(1, 1, new byte[1]);
    ConfidenceMap map = new ConfidenceMap(1, 1, new byte[1]);
    assertThatThrownBy(
            () -> new ConfidenceHistogram(2).add(new Mask(2, 1, new byte[2]), small, map))
        .hasMessage("the ground truth is 2×1, the mask 1×1");
  }
}
