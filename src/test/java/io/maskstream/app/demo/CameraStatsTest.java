package io.maskstream.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.Mask;
import org.junit.jupiter.api.Test;

class CameraStatsTest {

  @Test
  void meanIouText_isADashUntilAMaskWasCompared() {
    CameraStats stats = new CameraStats(2);
    assertThat(stats.meanIouText()).isEqualTo("-");
    Mask truth = new Mask(2, 2, new byte[] {0, 0, 1, 1});
    stats.compare(truth, new Mask(2, 2, new byte[] {0, 0, 0, 1}));
    assertThat(stats.meanIouText()).isEqualTo("58.3"); // (2/3 + 1/2) / 2
  }
}
