package io.maskstream.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.prototype.ReusePolicy;
import io.maskstream.synthetic.SyntheticStreet;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
  private static final SyntheticStreet STREET = new SyntheticStreet(11, 480, 360);
  private static final ReusePolicy FLOW = Reuse.of(Reuse.Policy.FLOW).build();

  @Test
  void propagate_measuresFramesWithoutAPass_besideHeldMasks() throws Exception {
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(Path.of("models/street-ssa")), 2);
        Evaluator evaluator = new Evaluator(model, FLOW, ResetRules.defaults(), 1, 2);
        Evaluator plain = new Evaluator(model, FLOW, ResetRules.defaults())) {
      for (int i = 0; i < 12; i++) {
        long millis = 67L * i;
        evaluator.add(STREET.at(Duration.ofMillis(millis)), 1_000 * millis, i % 6 == 0);
        plain.add(STREET.at(Duration.ofMillis(millis)), 1_000 * millis, i % 6 == 0);
      }
      assertThat(evaluator.propagatedShare()).isCloseTo(8 / 12.0, within(1e-9));
      assertThat(evaluator.propagated().pixels() * 12).isEqualTo(evaluator.matrix().pixels() * 8);
      assertThat(evaluator.propagated().meanIou()).isGreaterThan(evaluator.held().meanIou() + 0.02);
      assertThat(plain.propagatedShare()).isZero();
      assertThat(plain.matrix().meanIou()).isGreaterThan(evaluator.matrix().meanIou());
    }
  }

  @Test
  void propagate_belowZero_isRefused() throws Exception {
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(Path.of("models/street-ssa")), 1)) {
      assertThatThrownBy(() -> new Evaluator(model, FLOW, ResetRules.defaults(), 1, -1))
          .hasMessage("frames without a forward pass must be at least 0, are -1");
    }
  }
}
