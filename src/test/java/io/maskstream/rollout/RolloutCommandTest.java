package io.maskstream.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RolloutCommandTest {
  private static final RolloutCommand ORDER =
      new RolloutCommand("street", "/one", "/two", "/one", 5, 0.9, 1_000_000, false, "test");

  @Test
  void serving_duringTheTrial_isTheOneBefore() {
    assertThat(ORDER.serving(1_004_999)).isEqualTo("/one");
    assertThat(ORDER.onTrial(1_004_999)).isTrue();
    assertThat(ORDER.serving(1_005_000)).isEqualTo("/two");
    assertThat(ORDER.onTrial(1_005_000)).isFalse();
  }

  @Test
  void undone_servesTheOneBeforeAtOnce() {
    RolloutCommand undone = ORDER.undone(1_001_000, "test");
    assertThat(undone.serving(1_001_000)).isEqualTo("/one");
    assertThat(undone.previous()).isEqualTo("/two");
    assertThat(undone.undoing()).isTrue();
  }
}
