package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameRateCapTest {

  /** Frames admitted of ten seconds of a source, started twice. */
  private static int admitted(double sourceFps, double cap, double jitterMicros) {
    FrameRateCap rate = new FrameRateCap(cap);
    Random random = new Random(1);
    int admitted = 0;
    for (int run = 0; run < 2; run++) {
      for (int i = 0; i < 10 * sourceFps; i++) {
        double jitter = jitterMicros * (random.nextDouble() - 0.5);
        admitted += rate.admits(Math.round(i * 1e6 / sourceFps + jitter)) ? 1 : 0;
      }
    }
    return admitted;
  }

  @ParameterizedTest
  @CsvSource({
    "25, 3, 60",
    "30, 15, 300",
    "15, 15, 300",
    "10, 15, 200",
    "30, 29.97, 600",
    "25, 10, 200"
  })
  void admits_asManyAsWantedOrAsThereAre(double source, double cap, int expected) {
    assertThat(admitted(source, cap, 0)).isBetween(expected - 4, expected + 4);
    assertThat(admitted(source, cap, 4_000)).isBetween(expected - 8, expected + 4);
  }
}
