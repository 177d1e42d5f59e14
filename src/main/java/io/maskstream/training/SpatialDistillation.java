package io.maskstream.training;

import ai.djl.ndarray.NDArray;
import java.util.Objects;

/**
 * Mean squared difference between the main and the teacher branch's spatial prototypes (SSA-Seg
 * §3.4, spatial domain), over the classes present. The teacher is not trained by this term.
 */
final class SpatialDistillation implements Loss {

  @Override
  public String name() {
    return "spatialDistillation";
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray main = Objects.requireNonNull(input.main().spatial()); // [B, K, D]
    NDArray teacher = Objects.requireNonNull(input.taught().spatial()).stopGradient();
    NDArray present = Present.classes(input); // [B, K, 1]
    NDArray squares = main.sub(teacher).square().mul(present);
    float features = main.getShape().get(2);
    return squares.sum().div(present.sum().mul(features).add(1e-6f));
  }
}
