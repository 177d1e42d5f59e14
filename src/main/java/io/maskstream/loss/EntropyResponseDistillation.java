package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/**
 * Response distillation as in the code of SSA-Seg's authors: cross-entropy of the main branch
 * against half the teacher's probabilities and half the ground truth. Pixels count by the entropy
 * of the teacher; of each class, pixels at edges and inside count half each; then the classes
 * present are averaged. The teacher is not trained by this term.
 *
 * <p>An edge is found by {@link ClassEdges}, where the authors take Canny's edges of the label
 * picture, three pixels wide.
 */
final class EntropyResponseDistillation implements Loss {
  private static final float TEACHER_SHARE = 0.5f;
  private static final float SMALLEST = 1e-12f;

  @Override
  public String name() {
    return "entropyResponseDistillation";
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray groundTruth = input.truthPixels(); // [B, K, N]
    NDArray teacher = input.teacherOutput().logits().stopGradient().softmax(1); // [B, K, N]
    NDArray target =
        SafeArrays.times(teacher, TEACHER_SHARE)
            .add(SafeArrays.times(groundTruth, 1 - TEACHER_SHARE));
    int[] classes = {1};
    NDArray loss =
        input.main().logits().logSoftmax(1).mul(target).sum(classes, true).neg(); // [B, 1, N]
    NDArray entropy =
        teacher.mul(teacher.add(SMALLEST).log()).sum(classes, true).neg(); // [B, 1, N]
    NDArray edge = ClassEdges.of(input); // [B, 1, N]
    NDArray atEdges = perClass(loss, groundTruth.mul(entropy).mul(edge)); // [K]
    NDArray inside = perClass(loss, groundTruth.mul(entropy).mul(edge.neg().add(1))); // [K]
    NDArray present =
        groundTruth.sum(new int[] {0, 2}).gt(0).toType(loss.getDataType(), false); // [K]
    NDArray both = SafeArrays.times(atEdges.add(inside).mul(present), 0.5f);
    return both.sum().div(present.sum().add(SMALLEST));
  }

  /** Mean of [B, 1, N] by weights [B, K, N] over all pixels of the batch: [K]. */
  private static NDArray perClass(NDArray loss, NDArray weights) {
    int[] pixels = {0, 2};
    return weights.mul(loss).sum(pixels).div(weights.sum(pixels).add(SMALLEST));
  }
}
