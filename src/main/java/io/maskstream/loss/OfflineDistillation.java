package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/**
 * Kullback-Leibler divergence from the class probabilities of a network that is already trained,
 * the mean over all pixels, labelled or not (Hinton et al., "Distilling the Knowledge in a Neural
 * Network", 2015, at temperature 1). That network is not trained.
 */
final class OfflineDistillation implements Loss {

  static final String NAME = "offlineDistillation";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray teacher = input.offlineLogits(); // [B, K, N]
    NDArray divergence = teacher.logSoftmax(1).sub(input.main().logits().logSoftmax(1));
    return teacher.softmax(1).mul(divergence).sum(new int[] {1}).mean();
  }
}
