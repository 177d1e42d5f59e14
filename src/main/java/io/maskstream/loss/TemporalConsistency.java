package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import java.util.stream.IntStream;

/**
 * Temporal consistency of frames that are segmented each for itself (Liu et al., "Efficient
 * Semantic Video Segmentation with Per-frame Inference", ECCV 2020): the squared distance of a
 * frame's class probabilities from those of the frame before, moved along the optical flow, where
 * the two pictures match. It sees no labels; other terms must keep all from becoming one class.
 */
final class TemporalConsistency implements Loss {
  static final String NAME = "temporalConsistency";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray distance = input.manager().create(0f);
    NDArray mass = input.manager().create(1e-6f);
    if (input.motion().isEmpty()) {
      return distance;
    }
    NDArray probability = input.main().logits().softmax(1); // [B, K, N]
    for (LossInput.Motion motion : input.motion()) {
      NDArray now = probability.get(motion.now()); // [K, N]
      NDArray moved = moved(probability.get(motion.before()), motion);
      NDArray apart = now.sub(moved).square().sum(new int[] {0}, true); // [1, N]
      distance = distance.add(apart.mul(motion.match()).sum());
      mass = mass.add(motion.match().sum());
    }
    return distance.div(mass);
  }

  private static NDArray moved(NDArray before, LossInput.Motion motion) {
    return IntStream.range(0, motion.neighbors().size())
        .mapToObj(i -> part(before, motion.neighbors().get(i), motion.shares().get(i)))
        .reduce(NDArray::add)
        .orElseThrow(); // [K, N]
  }

  private static NDArray part(NDArray before, NDArray neighbor, NDArray share) {
    return before.gather(neighbor.broadcast(before.getShape()), 1).mul(share);
  }
}
