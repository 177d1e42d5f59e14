package io.maskstream.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SilenceTest {

  @ParameterizedTest
  @CsvSource({
    "PT30S, 0, PT30S",
    "PT30S, -5000, PT30S", // a clock that was set back
    "PT30S, 10000, PT30S",
    "PT30S, 60000, PT3M",
    "PT30S, 600000, PT30M",
    "PT30S, 86400000, PT30M",
    "PT1H, 86400000, PT1H"
  })
  void after_isThreeIntervalsWithinBounds(Duration least, long interval, Duration silence) {
    assertThat(Silence.after(least, interval)).isEqualTo(silence);
  }
}
