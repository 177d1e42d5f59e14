package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/** Which classes each image's ground truth holds, as 0 or 1. */
final class ClassPresence {

  private ClassPresence() {}

  /** [B, K, 1]. */
  static NDArray classes(LossInput input) {
    NDArray pixels = input.truthPixels().sum(new int[] {2}, true); // [B, K, 1]
    return pixels.gt(0).toType(pixels.getDataType(), false);
  }

  /** 1 where both classes are there: [B, K, K]. */
  static NDArray pairs(LossInput input) {
    NDArray present = classes(input);
    return present.mul(present.transpose(0, 2, 1));
  }
}
