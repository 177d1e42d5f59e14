package io.maskstream.prototype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReusePolicyTest {
  private static final int ROWS = 3;
  private static final int FEATURES = 4;

  private static float[] unitRows(Random random) {
    float[] rows = new float[ROWS * FEATURES];
    for (int p = 0; p < ROWS; p++) {
      double squares = 0;
      for (int d = 0; d < FEATURES; d++) {
        rows[p * FEATURES + d] = (float) random.nextGaussian();
        squares += rows[p * FEATURES + d] * rows[p * FEATURES + d];
      }
      for (int d = 0; d < FEATURES; d++) {
        rows[p * FEATURES + d] /= (float) Math.sqrt(squares);
      }
    }
    return rows;
  }

  private static double dot(float[] a, float[] b, int row) {
    double sum = 0;
    for (int d = 0; d < FEATURES; d++) {
      sum += a[row * FEATURES + d] * b[row * FEATURES + d];
    }
    return sum;
  }

  private static PrototypeBank cold() {
    return PrototypeBank.cold(ROWS, FEATURES);
  }

  @ParameterizedTest
  @EnumSource(Reuse.Policy.class)
  void trust_ofColdBank_isZero(Reuse.Policy policy) {
    assertThat(Reuse.of(policy).build().trust(cold())).containsOnly(0f);
  }

  @ParameterizedTest
  @EnumSource(Reuse.Policy.class)
  void update_keepsRowsBetweenOldAndNewAndOfUnitLength(Reuse.Policy policy) {
    Random random = new Random(5);
    ReusePolicy reuse = Reuse.of(policy).build();
    PrototypeBank bank = cold();
    for (int frame = 0; frame < 50; frame++) {
      float[] observed = unitRows(random);
      float[] evidence = {0.5f, 0.3f, frame % 3 == 0 ? 0f : 0.2f};
      PrototypeBank next =
          reuse.update(bank, new Observation(observed, evidence, random.nextFloat()));
      for (int p = 0; p < ROWS; p++) {
        double length = dot(next.vectors(), next.vectors(), p);
        assertThat(length < 1e-9 ? 1 : length).isCloseTo(1, within(1e-5));
        if (frame > 0 && dot(bank.vectors(), bank.vectors(), p) > 0) {
          double span = dot(bank.vectors(), observed, p);
          assertThat(dot(next.vectors(), bank.vectors(), p)).isGreaterThan(span - 1e-5);
          assertThat(dot(next.vectors(), observed, p)).isGreaterThan(span - 1e-5);
        }
      }
      assertThat(next.frames()).isEqualTo(bank.frames() + 1);
      bank = next;
    }
  }

  @Test
  void guided_absentClass_keepsRowAndMassToTheBit() {
    Random random = new Random(1);
    ReusePolicy guided = Reuse.of(Reuse.Policy.GUIDED).build();
    PrototypeBank first =
        guided.update(cold(), new Observation(unitRows(random), new float[] {0.5f, 0.4f, 0.1f}, 0));
    PrototypeBank second =
        guided.update(first, new Observation(unitRows(random), new float[] {0.6f, 0.4f, 0f}, 1));

    float[] before = Arrays.copyOfRange(first.vectors(), 2 * FEATURES, 3 * FEATURES);
    float[] after = Arrays.copyOfRange(second.vectors(), 2 * FEATURES, 3 * FEATURES);
    assertThat(after).containsExactly(before);
    assertThat(second.mass()[2]).isEqualTo(first.mass()[2]);
    assertThat(guided.trust(second)[2]).isEqualTo((float) Reuse.DEFAULT_TRUST);
  }

  @Test
  void guided_gain_isEvidenceOverGatheredEvidence() {
    ReusePolicy guided = new Reuse(Reuse.Policy.GUIDED, 0.5, 0.1, 5, 0.9).build();
    float[] x = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
    float[] y = {0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0};
    float[] evidence = {0.2f, 0.2f, 0.2f};
    PrototypeBank one = guided.update(cold(), new Observation(x, evidence, 0));
    PrototypeBank two = guided.update(one, new Observation(y, evidence, 0));
    // m' = 0.9·0.2 + 0.2 = 0.38, g = 0.2 / 0.38; the row lies at (1 - g, g), scaled to unit length
    double g = 0.2 / 0.38;
    double length = Math.hypot(1 - g, g);
    assertThat(two.mass()[0]).isCloseTo(0.38f, within(1e-6f));
    assertThat(two.vectors()[0]).isCloseTo((float) ((1 - g) / length), within(1e-6f));
    assertThat(two.vectors()[1]).isCloseTo((float) (g / length), within(1e-6f));
  }

  @Test
  void ema_gain_isFixedWhateverTheEvidence() {
    ReusePolicy ema = new Reuse(Reuse.Policy.EMA, 0.5, 0.25, 5, 0.9).build();
    float[] x = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
    float[] y = {0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0};
    PrototypeBank one = ema.update(cold(), new Observation(x, new float[] {0.2f, 0.4f, 0}, 0));
    assertThat(one.vectors()).containsExactly(x);
    assertThat(one.mass()).containsExactly(0.2f, 0.4f, 0f);
    assertThat(ema.trust(one)).containsExactly(0.5f, 0.5f, 0f);
    PrototypeBank two = ema.update(one, new Observation(y, new float[] {0.6f, 0, 0.8f}, 0));
    double length = Math.hypot(0.75, 0.25);
    for (int p = 0; p < ROWS; p++) {
      assertThat(two.vectors()[4 * p]).isCloseTo((float) (0.75 / length), within(1e-6f));
      assertThat(two.vectors()[4 * p + 1]).isCloseTo((float) (0.25 / length), within(1e-6f));
    }
    assertThat(two.mass()).containsExactly(new float[] {0.3f, 0.3f, 0.2f}, within(1e-6f));
  }

  @Test
  void move_byNothing_keepsRows_andOppositeRows_meetInNothing() {
    float[] rows = {1, 0, 0, 1};
    Rows.move(rows, new float[] {0, 1, 0, 1}, 0, 2, 0);
    assertThat(rows).containsExactly(1, 0, 0, 1);
    Rows.move(rows, new float[] {0, 0, 0, -1}, 1, 2, 0.5f);
    assertThat(rows).containsExactly(1, 0, 0, 0);
    Rows.move(rows, new float[] {0, 1, 0, 0}, 0, 2, 1);
    assertThat(rows).containsExactly(0, 1, 0, 0);
  }

  @Test
  void guided_evidenceOfTwoPixels_isPresent() {
    ReusePolicy guided = Reuse.of(Reuse.Policy.GUIDED).build();
    float[] evidence = {Rows.ABSENT, Math.nextDown(Rows.ABSENT), 0};
    PrototypeBank bank =
        guided.update(cold(), new Observation(unitRows(new Random(1)), evidence, 0));
    assertThat(bank.mass()).containsExactly(Rows.ABSENT, 0, 0);
  }

  @Test
  void drift_agreementAtTheThreshold_doesNotAdapt() {
    ReusePolicy drift = new Reuse(Reuse.Policy.DRIFT, 0.5, 0.1, 3, 0.5).build();
    float[] evidence = {1, 1, 1};
    float[] first = unitRows(new Random(1));
    PrototypeBank bank = drift.update(cold(), new Observation(first, evidence, 0.9f));
    bank = drift.update(bank, new Observation(unitRows(new Random(2)), evidence, 0.5f));
    assertThat(bank.vectors()).containsExactly(first);
  }

  @ParameterizedTest
  @EnumSource(Reuse.Policy.class)
  void name_isTheLabel_andParsesBack(Reuse.Policy policy) {
    assertThat(Reuse.of(policy).build().name()).isEqualTo(policy.label());
    assertThat(Reuse.Policy.of(policy.label())).isEqualTo(policy);
    assertThat(Reuse.Policy.labels()).contains(policy.label());
  }

  @Test
  void dense_isThatOfThePolicy() {
    assertThat(Reuse.of(Reuse.Policy.FLOW).build().dense()).contains(DenseReuse.FLOW);
    assertThat(Reuse.of(Reuse.Policy.FLOW_EMA).build().dense()).contains(DenseReuse.FLOW_EMA);
    assertThat(Reuse.of(Reuse.Policy.PIXEL_EMA).build().dense()).contains(DenseReuse.PIXEL_EMA);
    assertThat(Reuse.of(Reuse.Policy.GUIDED).build().dense()).isEmpty();
  }

  @Test
  void observation_withAgreement_keepsTheRest() {
    Observation observation = new Observation(new float[2], new float[1], 0.5f);
    assertThat(observation.withAgreement(0.75f))
        .isEqualTo(new Observation(observation.prototypes(), observation.evidence(), 0.75f));
  }

  @Test
  void keyframe_trustsTheBankAloneBetweenAdaptations() {
    ReusePolicy keyframe = new Reuse(Reuse.Policy.KEYFRAME, 0.5, 0.1, 3, 0.9).build();
    Random random = new Random(2);
    float[] evidence = {0.3f, 0.3f, 0.4f};
    float[] first = unitRows(random);
    PrototypeBank bank = keyframe.update(cold(), new Observation(first, evidence, 0));
    assertThat(keyframe.trust(bank)).containsOnly(1f);
    bank = keyframe.update(bank, new Observation(unitRows(random), evidence, 0));
    bank = keyframe.update(bank, new Observation(unitRows(random), evidence, 0));
    assertThat(bank.vectors()).containsExactly(first);
    assertThat(keyframe.trust(bank)).containsOnly(0f);
  }

  @Test
  void drift_adaptsWhenAgreementFalls() {
    ReusePolicy drift = new Reuse(Reuse.Policy.DRIFT, 0.5, 0.1, 3, 0.9).build();
    Random random = new Random(3);
    float[] evidence = {0.3f, 0.3f, 0.4f};
    float[] first = unitRows(random);
    float[] later = unitRows(random);
    PrototypeBank bank = drift.update(cold(), new Observation(first, evidence, 0));
    bank = drift.update(bank, new Observation(later, evidence, 0.95f));
    assertThat(bank.vectors()).containsExactly(first);
    bank = drift.update(bank, new Observation(later, evidence, 0.85f));
    assertThat(bank.vectors()).containsExactly(later);
  }

  @Test
  void settings_outOfRange_nameRuleAndValue() {
    assertThatThrownBy(() -> new Reuse(Reuse.Policy.EMA, -0.1, 0.1, 5, 0.9))
        .hasMessage("reuse: trust must be 0 to 1, is -0.1");
    assertThatThrownBy(() -> new Reuse(Reuse.Policy.EMA, 1, 0, 5, 0.9))
        .hasMessage("reuse: gain must be above 0 and at most 1, is 0.0");
    assertThatThrownBy(() -> new Reuse(Reuse.Policy.EMA, 1, 1.1, 5, 0.9))
        .hasMessage("reuse: gain must be above 0 and at most 1, is 1.1");
    assertThatThrownBy(() -> new Reuse(Reuse.Policy.KEYFRAME, 0, 1, 0, 0.9))
        .hasMessage("reuse: keyframeInterval must be at least 1, is 0");
    assertThatThrownBy(() -> new Reuse(Reuse.Policy.DRIFT, 0, 1, 1, 1.1))
        .hasMessage("reuse: driftThreshold must be 0 to 1, is 1.1");
    assertThatThrownBy(() -> new Reuse(Reuse.Policy.DRIFT, 0, 1, 1, -0.1))
        .hasMessage("reuse: driftThreshold must be 0 to 1, is -0.1");
    assertThat(new Reuse(Reuse.Policy.DRIFT, 0, 1, 1, 0).driftThreshold()).isZero();
    assertThat(new Reuse(Reuse.Policy.DRIFT, 1, 1, 1, 1).trust()).isEqualTo(1);
    assertThatThrownBy(() -> new Reuse(Reuse.Policy.EMA, 1.5, 0.1, 5, 0.9))
        .hasMessage("reuse: trust must be 0 to 1, is 1.5");
    assertThatThrownBy(() -> Reuse.Policy.of("guidde"))
        .hasMessageContaining("guidde")
        .hasMessageContaining("per-frame");
  }
}
