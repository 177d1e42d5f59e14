package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/**
 * Kullback-Leibler divergence from the teacher's to the main branch's class probabilities, pixels
 * at class boundaries weighted up, classes balanced (SSA-Seg §3.4, response domain).
 *
 * <p>The weight of a pixel is 1 inside a region and 1 + {@link #BOUNDARY} where a 3×3 neighbourhood
 * holds two classes; each class's pixels are averaged, then the classes that are present. The
 * teacher is not trained by this term.
 */
final class ResponseDistillation implements Loss {
  private static final float BOUNDARY = 4f;

  @Override
  public String name() {
    return "responseDistillation";
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray groundTruth = input.truthPixels(); // [B, K, N]
    NDArray teacher = input.teacherOutput().logits().stopGradient(); // [B, K, N]
    NDArray target = teacher.softmax(1);
    NDArray divergence =
        target
            .mul(teacher.logSoftmax(1).sub(input.main().logits().logSoftmax(1)))
            .sum(new int[] {1}, true); // [B, 1, N]
    NDArray edges = SafeArrays.times(ClassEdges.of(input), BOUNDARY); // [B, 1, N]
    NDArray weights = groundTruth.mul(edges.add(1f)); // [B, K, N]
    int[] pixels = {0, 2};
    NDArray mass = weights.sum(pixels); // [K]
    NDArray perClass = weights.mul(divergence).sum(pixels).div(mass.add(1e-6f)); // [K]
    NDArray present = mass.gt(0).toType(perClass.getDataType(), false); // [K]
    return perClass.mul(present).sum().div(present.sum().add(1e-6f));
  }
}
