package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import java.util.function.Function;

/**
 * Dice loss of one branch as in the code of SSA-Seg's authors: the logits of each class by
 * themselves become probabilities through a sigmoid, and the mean is over every class of every
 * image that the image holds, not over the classes of the batch. Void pixels count nowhere.
 */
final class SigmoidDice implements Loss {
  private static final float SMOOTH = 1f; // pixels

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
    int[] pixels = {2};
    NDArray overlap = probability.mul(groundTruth).sum(pixels); // [B, K]
    NDArray total = probability.sum(pixels).add(groundTruth.sum(pixels)); // [B, K]
    NDArray loss =
        SafeArrays.times(overlap, 2).add(SMOOTH).div(total.add(SMOOTH)).neg().add(1); // [B, K]
    NDArray present = groundTruth.sum(pixels).gt(0).toType(loss.getDataType(), false); // [B, K]
    return loss.mul(present).sum().div(present.sum().add(1e-6f));
  }
}
