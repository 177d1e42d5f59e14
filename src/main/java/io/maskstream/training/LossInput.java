package io.maskstream.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.maskstream.network.HeadOutput;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the loss terms see of one step.
 *
 * @param manager owner of temporary arrays
 * @param main the branch that serves
 * @param teacher the branch with centres from the truth, where the head has one
 * @param truth one-hot at the output stride, void pixels zero: [B, K, h, w]
 * @param fineTruth one-hot at half the size of the view: [B, K, H / 2, W / 2]
 * @param pixels what the terms on embeddings see, where there are any
 */
record LossInput(
    NDManager manager,
    HeadOutput<NDArray> main,
    @Nullable HeadOutput<NDArray> teacher,
    NDArray truth,
    NDArray fineTruth,
    @Nullable Pixels pixels) {

  private static final int BILINEAR = 1;

  /**
   * Embeddings and plain labels.
   *
   * @param embeddings unit length: [B, D, N]
   * @param labels true class of each pixel of the batch, K and above where void: B·N
   * @param predicted class of each pixel of the batch by the image alone: B·N
   * @param assigned prototype of each pixel of the batch, or -1: B·N; empty for heads with one
   *     prototype a class
   * @param groups scores of the groups of classes, where there are groups: [B, G, N]
   */
  record Pixels(
      NDArray embeddings,
      int[] labels,
      int[] predicted,
      int[] assigned,
      @Nullable NDArray groups) {}

  /** The teacher branch; only terms of heads that have one ask for it. */
  HeadOutput<NDArray> taught() {
    return Objects.requireNonNull(teacher, "this head has no teacher branch");
  }

  /** Embeddings and labels; only terms on embeddings ask for them. */
  Pixels embedded() {
    return Objects.requireNonNull(pixels, "no embeddings were prepared");
  }

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
