package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/** SafeArrays into and out of arrays, where DJL's PyTorch engine would touch freed memory. */
public final class SafeArrays {

  private SafeArrays() {}

  /**
   * A product that the backward pass can rely on.
   *
   * <p>{@code array.mul(number)} keeps the number in a temporary of Java memory that is given up at
   * once, while the recorded operation goes on reading it: after a garbage collection between the
   * passes the gradient is scaled by whatever lies there. Here the number lives as long as the
   * array's manager.
   */
  public static NDArray times(NDArray array, float number) {
    return array.mul(array.getManager().create(number));
  }

  /**
   * A copy in the order of the axes, without gradient.
   *
   * <p>Flattened first: of an array that is not contiguous, DJL's PyTorch engine reads a temporary
   * copy that may be freed while it is read.
   */
  public static float[] of(NDArray array) {
    return array.stopGradient().flatten().toFloatArray();
  }
}
