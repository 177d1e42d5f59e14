package io.maskstream.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.frame.Mask;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {

  private static Mask mask(int... labels) {
    byte[] bytes = new byte[labels.length];
    for (int i = 0; i < labels.length; i++) {
      bytes[i] = (byte) labels[i];
    }
    return new Mask(labels.length, 1, bytes);
  }

  @Test
  void iou_ofHandCountedMasks_isRight() {
    ConfusionMatrix matrix = new ConfusionMatrix(3);
    matrix.add(mask(0, 0, 0, 1, 1, 255), mask(0, 0, 1, 1, 0, 2));
    assertThat(matrix.iou(0)).isCloseTo(2.0 / 4, within(1e-12));
    assertThat(matrix.iou(1)).isCloseTo(1.0 / 3, within(1e-12));
    assertThat(matrix.iou(2)).isNaN();
    assertThat(matrix.meanIou()).isCloseTo((0.5 + 1.0 / 3) / 2, within(1e-12));
    assertThat(matrix.pixelAccuracy()).isCloseTo(3.0 / 5, within(1e-12));
    assertThat(matrix.pixels()).isEqualTo(5);
  }

  @Test
  void expectedAndPredicted_areTheSumsOfRowsAndColumns() {
    ConfusionMatrix matrix = new ConfusionMatrix(3);
    matrix.add(mask(0, 0, 0, 1, 1, 255), mask(0, 0, 1, 1, 0, 2));
    assertThat(matrix.expected(0)).isEqualTo(3);
    assertThat(matrix.expected(1)).isEqualTo(2);
    assertThat(matrix.predicted(1)).isEqualTo(2);
    assertThat(matrix.predicted(0)).isEqualTo(3);
    assertThat(matrix.predicted(2)).isZero();
  }

  @Test
  void add_masksOfDifferentSize_isRefused() {
    assertThatThrownBy(() -> new ConfusionMatrix(2).add(mask(0, 1), mask(0)))
        .hasMessage("truth is 2×1 but the predicted mask is 1×1");
  }

  @Test
  void add_labelOutsideTheClassTable_isRefusedWithItsValue() {
    assertThatThrownBy(() -> new ConfusionMatrix(2).add(mask(0, 1), mask(0, 255)))
        .hasMessage("a predicted label must be from 0 to 1, the ids of the class table, is 255");
  }

  @Test
  void flipRate_countsOnlyPixelsWhoseGroundTruthStays() {
    FlipCounter flips = new FlipCounter(3);
    // ground truth stays at 0, 1, 3 (and void at 4); predictions change at 1, 2, 4
    flips.add(
        mask(0, 1, 2, 2, 255), mask(0, 1, 0, 2, 255), mask(0, 0, 0, 2, 0), mask(0, 1, 1, 2, 1));
    assertThat(flips.rate()).isCloseTo(1.0 / 3, within(1e-12));
  }
}
