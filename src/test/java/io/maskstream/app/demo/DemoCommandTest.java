package io.maskstream.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoCommandTest {

  @ParameterizedTest
  @CsvSource({
    "40, 2, 2, 10", // integers in VNNI
    "80, 2, 2, 5", // integers in AVX2
    "500, 2, 2, 5", // a busy machine
    "80, 64, 2, 10",
    "80, 8, 5, 8",
    "0, 2, 2, 10"
  })
  void fittingFps_leavesProcessorsTimeForTheRest(
      long frameMillis, int processors, int cameras, double fps) {
    assertThat(DemoCommand.fittingFps(Duration.ofMillis(frameMillis), processors, cameras))
        .isEqualTo(fps);
  }
}
