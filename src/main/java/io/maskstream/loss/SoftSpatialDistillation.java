package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/**
 * Spatial distillation as in the code of SSA-Seg's authors: cross-entropy between the soft-maxes
 * over the channels of the main and the teacher branch's spatial prototypes, averaged over classes
 * and images; the authors weight it by 0.4. The teacher is not trained by this term.
 */
final class SoftSpatialDistillation implements Loss {

  @Override
  public String name() {
    return "softSpatialDistillation";
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray main = input.ssa().spatial(); // [B, K, D]
    NDArray teacher = input.teacherOutput().spatial().stopGradient().softmax(2);
    return main.logSoftmax(2).mul(teacher).sum(new int[] {2}).mean().neg();
  }
}
