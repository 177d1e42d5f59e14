package io.maskstream.prototype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SpatialPriorReuseTest {
  private static final ReusePolicy GUIDED = Reuse.of(Reuse.Policy.GUIDED).build();

  @Test
  void update_placeRows_areARunningMeanWithoutScaling() {
    ReusePolicy policy = SpatialPriorReuse.of(GUIDED, 1, 2);
    PrototypeBank bank = PrototypeBank.cold(2, 2);
    assertThat(policy.trust(bank)).containsOnly(0f);
    bank =
        policy.update(
            bank, new Observation(new float[] {1, 0, 0.2f, 0.6f}, new float[] {0.5f, 1}, 0));
    assertThat(bank.vectors()).containsExactly(1, 0, 0.2f, 0.6f);
    assertThat(policy.trust(bank)).containsExactly((float) Reuse.DEFAULT_TRUST, 1f);
    bank = policy.update(bank, new Observation(new float[] {0, 1, 1, 0}, new float[] {0, 1}, 0));
    assertThat(bank.vectors()[0]).isEqualTo(1f); // the class was absent: bit-identical
    assertThat(bank.vectors()[2]).isCloseTo(0.6f, within(1e-6f));
    assertThat(bank.vectors()[3]).isCloseTo(0.3f, within(1e-6f));
  }

  @Test
  void of_withoutPlacesOrReuse_isThePolicyItself() {
    assertThat(SpatialPriorReuse.of(GUIDED, 3, 3)).isSameAs(GUIDED);
    ReusePolicy perFrame = Reuse.of(Reuse.Policy.PER_FRAME).build();
    assertThat(SpatialPriorReuse.of(perFrame, 1, 6)).isSameAs(perFrame);
  }
}
