package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.Objects;

/**
 * Tree-min loss of deep hierarchical segmentation (Li et al., CVPR 2022, eq. 6): binary
 * cross-entropy of every node of the tree, where a class counts as no likelier than its group, and
 * a group as no less likely than its likeliest class. So a pedestrian called a bicyclist costs less
 * than one called a road, and logits that contradict the tree are corrected at the node that does.
 *
 * <p>Two levels: classes, and groups with prototypes of their own that only training uses. Void
 * pixels count nowhere.
 */
public final class HierarchyLoss implements Loss {
  private static final float SMALLEST = 1e-6f;

  private final int[] groupOf;

  /**
   * A term.
   *
   * @param groupOf group of each class, K
   */
  public HierarchyLoss(int[] groupOf) {
    this.groupOf = groupOf.clone();
  }

  @Override
  public String name() {
    return "hierarchy";
  }

  @Override
  public boolean needsEmbeddings() {
    return true;
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray groundTruth = input.truthPixels(); // [B, K, N]
    NDArray labelled = groundTruth.sum(new int[] {1}, true); // [B, 1, N]
    NDArray classes = sigmoid(input.main().logits()); // [B, K, N]
    NDArray groups = sigmoid(Objects.requireNonNull(input.embedded().groups())); // [B, G, N]
    NDArray ofClass = perClass(groups); // [B, K, N]
    NDArray likely = NDArrays.minimum(classes, ofClass);
    NDArray classLoss = binary(likely, classes, groundTruth, labelled);
    NDArray groupGroundTruth = perGroup(groundTruth, groups.getShape().get(1), false); // [B, G, N]
    NDArray best = NDArrays.maximum(groups, perGroup(classes, groups.getShape().get(1), true));
    NDArray groupLoss = binary(groups, best, groupGroundTruth, labelled);
    NDArray pixels = labelled.sum().add(SMALLEST);
    return classLoss.add(groupLoss).div(pixels);
  }

  /** -Σ t·log(yes) + (1 - t)·log(1 - no) over the labelled pixels. */
  private static NDArray binary(NDArray yes, NDArray no, NDArray groundTruth, NDArray labelled) {
    NDArray hit = yes.clip(SMALLEST, 1).log().mul(groundTruth);
    NDArray miss = no.neg().add(1).clip(SMALLEST, 1).log().mul(groundTruth.neg().add(1));
    return hit.add(miss).mul(labelled).sum().neg();
  }

  private NDArray perClass(NDArray groups) {
    NDList parts = new NDList();
    for (int group : groupOf) {
      parts.add(groups.get(":, {}:{}", group, group + 1));
    }
    return NDArrays.concat(parts, 1);
  }

  /** Largest value, or sum, over the classes of each group: [B, K, N] to [B, G, N]. */
  private NDArray perGroup(NDArray classes, long groups, boolean largest) {
    NDList parts = new NDList();
    for (int g = 0; g < groups; g++) {
      NDArray part = null;
      for (int k = 0; k < groupOf.length; k++) {
        if (groupOf[k] == g) {
          NDArray own = classes.get(":, {}:{}", k, k + 1);
          part = part == null ? own : largest ? NDArrays.maximum(part, own) : part.add(own);
        }
      }
      parts.add(Objects.requireNonNull(part, "a group without classes"));
    }
    return NDArrays.concat(parts, 1);
  }

  private static NDArray sigmoid(NDArray x) {
    return x.neg().exp().add(1).getNDArrayInternal().rdiv(1);
  }
}
