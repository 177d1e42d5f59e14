package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import java.util.function.Function;

/**
 * Dice loss of one branch: 1 - 2·|p∩g| / (|p| + |g|), averaged over the classes present in the
 * batch (Milletari et al., 3DV 2016, with plain sums in the denominator). Void pixels count
 * nowhere.
 */
final class Dice implements Loss {
  private static final float SMOOTH = 1f; // pixels

  private final String name;
  private final Function<LossInput, NDArray> branch;

  Dice(String name, Function<LossInput, NDArray> branch) {
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
    NDArray probability = branch.apply(input).softmax(1).mul(labelled); // [B, K, N]
    return meanOfPresent(probability, groundTruth, new int[] {0, 2});
  }

  /**
   * Dice loss over some axes, averaged over the entries whose ground truth is not empty.
   *
   * @param probability 0 where void: [B, K, N]
   * @param groundTruth one-hot, 0 where void: [B, K, N]
   * @param axes summed over: pixels, and images where they count as one
   */
  static NDArray meanOfPresent(NDArray probability, NDArray groundTruth, int[] axes) {
    NDArray overlap = probability.mul(groundTruth).sum(axes); // [K] or [B, K]
    NDArray size = groundTruth.sum(axes);
    NDArray total = probability.sum(axes).add(size);
    NDArray loss = SafeArrays.times(overlap, 2).add(SMOOTH).div(total.add(SMOOTH)).neg().add(1);
    NDArray present = size.gt(0).toType(loss.getDataType(), false);
    return loss.mul(present).sum().div(present.sum().add(1e-6f));
  }
}
