package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/**
 * Mean squared distance between the main and the teacher branch's spatial prototypes (SSA-Seg §3.4,
 * spatial domain), over the classes present. The teacher is not trained by this term.
 *
 * <p>The distance is that of the unit-length prototypes: cosine logits do not see their length,
 * which therefore drifts, and a plain distance came to outweigh all other terms.
 */
final class SpatialDistillation implements Loss {

  @Override
  public String name() {
    return "spatialDistillation";
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray main = unit(input.ssa().spatial()); // [B, K, D]
    NDArray teacher = unit(input.teacherOutput().spatial()).stopGradient();
    NDArray present = ClassPresence.classes(input); // [B, K, 1]
    NDArray squares = main.sub(teacher).square().mul(present);
    return squares.sum().div(present.sum().add(1e-6f));
  }

  private static NDArray unit(NDArray prototypes) {
    NDArray squares = prototypes.square().sum(new int[] {2}, true); // [B, K, 1]
    return prototypes.div(squares.add(1e-12f).sqrt());
  }
}
