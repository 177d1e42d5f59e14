package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.maskstream.network.HeadDetail;
import io.maskstream.network.HeadOutput;
import io.maskstream.network.TeacherOutput;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the loss terms see of one step.
 *
 * @param manager owner of temporary arrays
 * @param main the branch that serves
 * @param teacher the branch with centres from the ground truth, where the head has one
 * @param groundTruth one-hot at the output stride, void pixels zero: [B, K, h, w]
 * @param fineGroundTruth one-hot at half the size of the view: [B, K, H / 2, W / 2]
 * @param pixels what the terms on embeddings see, where there are any
 * @param motion what relates successive frames; empty where there are none
 * @param offline class logits of a network that is already trained, where there is one: [B, K, N]
 */
public record LossInput(
    NDManager manager,
    HeadOutput<NDArray> main,
    @Nullable TeacherOutput<NDArray> teacher,
    NDArray groundTruth,
    NDArray fineGroundTruth,
    @Nullable Pixels pixels,
    List<Motion> motion,
    @Nullable NDArray offline) {

  private static final int BILINEAR = 1;

  /**
   * Embeddings and plain labels.
   *
   * @param embeddings unit length: [B, D, N]
   * @param labels true class of each pixel of the batch, K and above where void: B·N
   * @param predicted class of each pixel of the batch by the image alone: B·N
   * @param assigned prototype of each pixel of the batch, or -1: B·N; empty for heads with one
   *     prototype a class
   * @param groups logits of the groups of classes, where there are groups: [B, G, N]
   */
  public record Pixels(
      NDArray embeddings,
      int[] labels,
      int[] predicted,
      int[] assigned,
      @Nullable NDArray groups) {}

  /**
   * Two successive frames of a clip or of a drawn street.
   *
   * @param before place of the earlier one in the batch
   * @param now place of the later one
   * @param neighbors four places in the earlier frame for each pixel of the later one: 4 of [1, N]
   * @param shares of the neighbors in the value there: 4 of [1, N]
   * @param match how well the pictures agree, 0 to 1, 0 for what comes from outside: [1, N]
   */
  public record Motion(
      int before, int now, List<NDArray> neighbors, List<NDArray> shares, NDArray match) {}

  /** The teacher branch; only terms of heads that have one ask for it. */
  TeacherOutput<NDArray> teacherOutput() {
    return Objects.requireNonNull(teacher, "this head has no teacher branch");
  }

  /** Logits of the trained network; only its term asks for them. */
  NDArray offlineLogits() {
    return Objects.requireNonNull(offline, "there is no trained network to learn from");
  }

  /** What an SSA head gives; only its terms ask for it. */
  HeadDetail.Ssa<NDArray> ssa() {
    return (HeadDetail.Ssa<NDArray>) main.detail();
  }

  /** What a ProtoSeg head gives; only its terms ask for it. */
  HeadDetail.ProtoSeg<NDArray> protoSeg() {
    return (HeadDetail.ProtoSeg<NDArray>) main.detail();
  }

  /** Embeddings and labels; only terms on embeddings ask for them. */
  Pixels embedded() {
    return Objects.requireNonNull(pixels, "no embeddings were prepared");
  }

  /** Logits [B, K, N] resized to the size of {@link #fineGroundTruth}. */
  NDArray fine(NDArray logits) {
    long[] size = fineGroundTruth.getShape().getShape();
    return logits
        .reshape(groundTruth.getShape())
        .getNDArrayInternal()
        .interpolation(new long[] {size[2], size[3]}, BILINEAR, false);
  }

  /** One-hot ground truth as [B, K, N]. */
  NDArray truthPixels() {
    long[] size = groundTruth.getShape().getShape();
    return groundTruth.reshape(size[0], size[1], size[2] * size[3]);
  }
}
