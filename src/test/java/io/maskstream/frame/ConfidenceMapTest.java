package io.maskstream.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfidenceMapTest {
  private static final ConfidenceMap MAP =
      new ConfidenceMap(4, 1, new byte[] {0, 127, (byte) 128, (byte) 255});

  @ParameterizedTest
  @CsvSource({"0.49, 0.25", "0.5, 0.5", "0.501, 0.5", "0.51, 0.75", "1, 0.75", "0, 0"})
  void shareBelow_countsCellsWhoseProbabilityIsLess(double probability, double share) {
    assertThat(MAP.shareBelow(probability)).isEqualTo(share);
  }

  @Test
  void size_mustFitTheValues() {
    assertThatThrownBy(() -> new ConfidenceMap(2, 2, new byte[3]))
        .hasMessage("a confidence map of 2×2 needs width·height bytes, has 3");
  }
}
