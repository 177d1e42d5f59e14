package io.maskstream.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.maskstream.network.HeadOutput;

/**
 * What the loss terms see of one step.
 *
 * @param manager owner of temporary arrays
 * @param main the branch that serves
 * @param teacher the branch with centres from the truth
 * @param truth one-hot at the output stride, void pixels zero: [B, K, h, w]
 * @param fineTruth one-hot at half the size of the view: [B, K, H / 2, W / 2]
 */
record LossInput(
    NDManager manager,
    HeadOutput<NDArray> main,
    HeadOutput<NDArray> teacher,
    NDArray truth,
    NDArray fineTruth) {

  private static final int BILINEAR = 1;

  /** Scores [B, K, N] resized to the size of {@link #fineTruth}. */
  NDArray fine(NDArray scores) {
    long[] size = fineTruth.getShape().getShape();
    return scores
        .reshape(truth.getShape())
        .getNDArrayInternal()
        .interpolation(new long[] {size[2], size[3]}, BILINEAR, false);
  }

  /** One-hot truth as [B, K, N]. */
  NDArray truthPixels() {
    long[] size = truth.getShape().getShape();
    return truth.reshape(size[0], size[1], size[2] * size[3]);
  }
}
