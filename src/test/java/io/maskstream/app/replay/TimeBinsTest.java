package io.maskstream.app.replay;

import static io.maskstream.app.replay.MadeFrames.pair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class TimeBinsTest {

  @Test
  void length_twoMinutesAtMost_areSeconds() {
    assertThat(TimeBins.length(120_000_000)).isEqualTo(1_000_000);
    assertThat(TimeBins.length(120_000_001)).isEqualTo(60_000_000);
  }

  @Test
  void of_pairs_areMeansOfWholeSeconds() {
    List<TimeBins.Bin> bins =
        TimeBins.of(
            List.of(pair("a", 2_999, 0.5), pair("a", 1_000, 0.8), pair("a", 1_999, 0.6)),
            1_000_000);
    assertThat(bins).hasSize(2);
    assertThat(bins.get(0).startMicros()).isEqualTo(1_000_000);
    assertThat(bins.get(0).frames()).isEqualTo(2);
    assertThat(bins.get(0).agreement()).isCloseTo(0.7, within(1e-9));
    assertThat(bins.get(1)).isEqualTo(new TimeBins.Bin(2_000_000, 1, 0.5));
  }
}
