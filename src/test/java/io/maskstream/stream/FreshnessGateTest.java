package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FreshnessGateTest {
  private final FreshnessGate gate = new FreshnessGate(Optional.of(Duration.ofMillis(400)));

  @Test
  void admits_upToTheBound() {
    assertThat(gate.admits("a", 400_000)).isTrue();
    assertThat(gate.admits("a", 400_001)).isFalse();
  }

  @Test
  void admits_afterAStaleFrame_onlyFreshOnes() {
    assertThat(gate.admits("a", 500_000)).isFalse();
    assertThat(gate.admits("a", 300_000)).isFalse();
    assertThat(gate.admits("b", 300_000)).isTrue(); // cameras catch up apart
    assertThat(gate.admits("a", 100_000)).isTrue();
    assertThat(gate.admits("a", 300_000)).isTrue();
  }

  @Test
  void admits_withoutABound_everything() {
    assertThat(new FreshnessGate(Optional.empty()).admits("a", Long.MAX_VALUE)).isTrue();
  }
}
