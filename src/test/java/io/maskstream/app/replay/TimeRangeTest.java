package io.maskstream.app.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.Micros;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeRangeTest {
  private static final Instant NOW = Instant.parse("2026-11-28T22:00:00Z");

  @Test
  void of_instantsAndDurationsBack_areBothTimes() {
    assertThat(TimeRange.of("10m", "2026-11-28T22:59:30+01:00", NOW))
        .isEqualTo(
            new TimeRange(
                Instant.parse("2026-11-28T21:50:00Z"), Instant.parse("2026-11-28T21:59:30Z")));
    assertThat(TimeRange.of("1s", "0s", NOW).to()).isEqualTo(NOW);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "10", "-5m", "2026-11-28", ""})
  void of_malformed_namesOptionRuleAndValue(String text) {
    assertThatThrownBy(() -> TimeRange.of(text, "0s", NOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "--from must be a time such as 2026-11-24T20:00:00Z or a duration back such as 10m, is '%s'"
                .formatted(text));
    assertThatThrownBy(() -> TimeRange.of("1m", text, NOW)).hasMessageStartingWith("--to must be");
  }

  @Test
  void of_endBeforeTheStart_namesBoth() {
    assertThatThrownBy(() -> TimeRange.of("1m", "1m", NOW))
        .hasMessage(
            "--from must be before --to, they are 2026-11-28T21:59:00Z and 2026-11-28T21:59:00Z");
  }

  @Test
  void contains_startAndNotEnd() {
    TimeRange range = TimeRange.of("2s", "1s", NOW);
    long from = Micros.of(NOW) - 2_000_000;
    assertThat(range.contains(from - 1)).isFalse();
    assertThat(range.contains(from)).isTrue();
    assertThat(range.contains(from + 999_999)).isTrue();
    assertThat(range.contains(from + 1_000_000)).isFalse();
  }
}
