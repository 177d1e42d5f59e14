package io.maskstream.training;

import ai.djl.ndarray.NDArray;

/** Numbers of an array whose memory may lie in another order than its axes. */
final class Numbers {

  private Numbers() {}

  /**
   * A copy in the order of the axes, without gradient.
   *
   * <p>Flattened first: of an array that is not contiguous, DJL's PyTorch engine reads a temporary
   * copy that may be freed while it is read.
   */
  static float[] of(NDArray array) {
    return array.stopGradient().flatten().toFloatArray();
  }
}
