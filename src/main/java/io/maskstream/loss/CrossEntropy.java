package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import java.util.function.Function;

/**
 * Class-weighted cross-entropy of one branch's logits, averaged over the labelled pixels' weights.
 */
final class CrossEntropy implements Loss {
  private final String name;
  private final Function<LossInput, NDArray> branch;
  private final float[] classWeights;

  /**
   * A term.
   *
   * @param branch logits of the branch: [B, K, N]
   * @param classWeights weight of each class, K
   */
  CrossEntropy(String name, Function<LossInput, NDArray> branch, float[] classWeights) {
    this.name = name;
    this.branch = branch;
    this.classWeights = classWeights.clone();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray logProbability = input.fine(branch.apply(input)).logSoftmax(1); // [B, K, H/2, W/2]
    NDArray weights = input.manager().create(classWeights).reshape(1, classWeights.length, 1, 1);
    NDArray weighted = input.fineGroundTruth().mul(weights); // [B, K, H/2, W/2]
    return weighted.mul(logProbability).sum().neg().div(weighted.sum().add(1e-6f));
  }
}
