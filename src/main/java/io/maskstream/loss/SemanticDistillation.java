package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/**
 * Mean squared difference between the class-to-class relation matrices (cosines) of the main and
 * the teacher branch's semantic prototypes (SSA-Seg §3.4, semantic domain), over the classes
 * present.
 */
final class SemanticDistillation implements Loss {

  @Override
  public String name() {
    return "semanticDistillation";
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray main = relations(input.ssa().semantic());
    NDArray teacher = relations(input.teacherOutput().semantic()).stopGradient();
    NDArray present = ClassPresence.pairs(input); // [B, K, K]
    NDArray squares = main.sub(teacher).square().mul(present);
    return squares.sum().div(present.sum().add(1e-6f));
  }

  /** Cosine of every pair of rows: [B, K, D] to [B, K, K]. */
  private static NDArray relations(NDArray prototypes) {
    NDArray length = prototypes.square().sum(new int[] {2}, true).add(1e-12f).sqrt();
    NDArray unit = prototypes.div(length);
    return unit.matMul(unit.transpose(0, 2, 1));
  }
}
