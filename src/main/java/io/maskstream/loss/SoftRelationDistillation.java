package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/**
 * Semantic distillation as in the code of SSA-Seg's authors: each row of the relations between
 * semantic prototypes is a soft-max of τ·cosine, the other prototype taken as given, and the main
 * branch pays for relations between different classes that exceed the teacher's. The sum over a row
 * is averaged over classes and images; the authors weight it by ten.
 */
final class SoftRelationDistillation implements Loss {
  private static final float TEMPERATURE = 15f;

  @Override
  public String name() {
    return "softRelationDistillation";
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray main = relations(input.ssa().semantic());
    NDArray teacher = relations(input.teacherOutput().semantic()).stopGradient();
    int classes = (int) main.getShape().get(1);
    NDArray others = input.manager().eye(classes).neg().add(1); // [K, K]
    NDArray excess = main.sub(teacher).mul(others).getNDArrayInternal().relu(); // [B, K, K]
    return excess.sum(new int[] {2}).mean();
  }

  /** [B, K, D] to [B, K, K]. */
  private static NDArray relations(NDArray prototypes) {
    NDArray length = prototypes.square().sum(new int[] {2}, true).add(1e-12f).sqrt();
    NDArray unit = prototypes.div(length);
    NDArray given = unit.stopGradient().transpose(0, 2, 1);
    return SafeArrays.times(unit.matMul(given), TEMPERATURE).softmax(2);
  }
}
