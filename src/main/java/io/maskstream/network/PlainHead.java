package io.maskstream.network;

import io.maskstream.network.ParameterSpec.Init;

/**
 * The usual classifier of segmentation networks: a 1×1 convolution, which is one fixed prototype
 * per class and a bias. The baseline; nothing of it adapts, so a prior changes nothing.
 */
final class PlainHead implements Head {
  private final int classes;
  private final int features;
  private final String fixed;
  private final String bias;

  /**
   * Declares a head.
   *
   * @param classes K
   * @param features D
   */
  PlainHead(Scope scope, int classes, int features) {
    this.classes = classes;
    this.features = features;
    this.fixed = scope.trained("fixed", HeadConfig.CLASSIFIER, classes, features);
    this.bias = scope.trained("bias", Init.ZEROS, classes, 1);
  }

  @Override
  public int prototypes() {
    return classes;
  }

  @Override
  public boolean usesPrior() {
    return false;
  }

  @Override
  public <T> HeadOutput<T> forward(Ops<T> ops, T map, Prior<T> prior) {
    long pixels = ops.shape(map)[2] * ops.shape(map)[3];
    T f = ops.reshape(map, -1, features, pixels); // [B, D, N]
    T logits = ops.add(ops.matmul(ops.parameter(fixed), f), ops.parameter(bias)); // [B, K, N]
    T mass = ops.sum(ops.softmax(logits, 1), 2); // [B, K, 1]
    T evidence = ops.reshape(ops.divide(mass, ops.constant((float) pixels)), -1, classes); // [B, K]
    T unit = ops.l2Normalize(ops.parameter(fixed), 1); // [K, D]
    T prototypes = ops.add(ops.multiply(prior.bank(), ops.constant(0f)), unit); // [B, K, D]
    return HeadOutput.fixed(logits, prototypes, evidence);
  }
}
