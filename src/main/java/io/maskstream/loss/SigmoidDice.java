package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import java.util.function.Function;

/**
 * Dice loss of one branch as in the code of SSA-Seg's authors: the logits of each class by
 * themselves become probabilities through a sigmoid, and the mean is over every class of every
 * image that the image holds, not over the classes of the batch. Void pixels count nowhere.
 */
final class SigmoidDice implements Loss {
  private final String name;
  private final Function<LossInput, NDArray> branch;

  SigmoidDice(String name, Function<LossInput, NDArray> branch) {
    this.name = name;
    this.branch = branch;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray groundTruth = input.truthPixels(); // [B, K, N]
    NDArray labelled = groundTruth.sum(new int[] {1}, true); // [B, 1, N]
    NDArray probability =
        branch.apply(input).getNDArrayInternal().sigmoid().mul(labelled); // [B, K, N]
    return Dice.meanOfPresent(probability, groundTruth, new int[] {2});
  }
}
