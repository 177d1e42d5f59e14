package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/** Pixels near which the ground truth changes its class. */
final class ClassEdges {
  private static final int BILINEAR = 1;

  /** Smallest change of the one-hot ground truth at an edge. */
  private static final float CHANGE = 0.2f;

  private ClassEdges() {}

  /** 1 where halving and doubling the size changes the one-hot ground truth, else 0: [B, 1, N]. */
  static NDArray of(LossInput input) {
    long[] size = input.groundTruth().getShape().getShape();
    NDArray small = resize(input.groundTruth(), (size[2] + 1) / 2, (size[3] + 1) / 2);
    NDArray blurred = resize(small, size[2], size[3]); // [B, K, h, w]
    NDArray change =
        blurred.sub(input.groundTruth()).abs().sum(new int[] {1}, true); // [B, 1, h, w]
    NDArray edge = change.gt(CHANGE).toType(change.getDataType(), false);
    return edge.reshape(size[0], 1, size[2] * size[3]);
  }

  private static NDArray resize(NDArray x, long rows, long columns) {
    return x.getNDArrayInternal().interpolation(new long[] {rows, columns}, BILINEAR, false);
  }
}
