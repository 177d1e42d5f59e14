package io.maskstream.onnx;

import io.maskstream.network.HeadDetail;
import io.maskstream.network.HeadOutput;
import io.maskstream.network.Ops;
import io.maskstream.network.Prior;

/**
 * A foreign network's last layer with a camera's memory: its vectors are fixed prototypes, and what
 * the camera remembers of a class takes part by trust. With trust 0 the logits are bit-identical to
 * the network's own.
 *
 * <p>What is remembered of a class is its vector drawn half-way to the centre of the pixels that
 * were given to it, in unit length. Adaptation does the same within one image, after SSA-Seg's
 * semantic prototypes but with a fixed weight in place of the trained perceptron.
 *
 * @param layer the last layer
 * @param adaptation share of this image's centres in its own prototypes, 0 for none
 */
record PixelClassifier(LastLayer layer, double adaptation) {

  /** Keeps the centre of a class without pixels finite. */
  private static final float LEAST_MASS = 1e-6f;

  /**
   * Logits and prototypes.
   *
   * @param features of the pixels: [B, D, N]
   * @param own logits of the network: [B, K, N]
   * @param prior of the camera: [B, K, D] and [B, K]
   */
  <T> HeadOutput<T> classify(Ops<T> ops, T features, T own, Prior<T> prior) {
    int classes = layer.bias().length;
    long pixels = ops.shape(features)[2];
    float[] lengths = lengths();
    T length = ops.constant(lengths, classes, 1); // [K, 1]
    T bias = ops.constant(layer.bias(), classes, 1); // [K, 1]
    T fixed = ops.constant(unit(lengths), classes, layer.depth()); // [K, D]
    T trust = ops.reshape(prior.trust(), -1, classes, 1); // [B, K, 1]
    T remembered = logits(ops, ops.multiply(prior.bank(), length), features, bias);
    T coarse = mixed(ops, own, remembered, trust);
    T share = ops.softmax(coarse, 1); // [B, K, N]
    T mass = ops.sum(share, 2); // [B, K, 1]
    T sums = ops.matmul(share, ops.transpose(features, 0, 2, 1)); // [B, K, D]
    T centre = ops.l2Normalize(ops.divide(sums, ops.add(mass, ops.constant(LEAST_MASS))), 2);
    T prototypes = ops.l2Normalize(ops.add(fixed, centre), 2); // [B, K, D]
    T evidence = ops.reshape(ops.divide(mass, ops.constant((float) pixels)), -1, classes);
    T fresh = own;
    T logits = coarse;
    if (adaptation > 0) {
      T part = ops.multiply(ops.subtract(centre, fixed), ops.constant((float) adaptation));
      T adapted = ops.multiply(ops.l2Normalize(ops.add(fixed, part), 2), length); // [B, K, D]
      fresh = logits(ops, adapted, features, bias);
      logits = mixed(ops, fresh, remembered, trust);
    }
    return new HeadOutput<>(
        logits, fresh, remembered, prototypes, evidence, new HeadDetail.None<>());
  }

  /** Vectors [B, K, D] against features [B, D, N]: [B, K, N]. */
  private static <T> T logits(Ops<T> ops, T vectors, T features, T bias) {
    return ops.add(ops.matmul(vectors, features), bias);
  }

  private static <T> T mixed(Ops<T> ops, T fresh, T remembered, T trust) {
    return ops.add(fresh, ops.multiply(trust, ops.subtract(remembered, fresh)));
  }

  /** Length of each class's vector. */
  private float[] lengths() {
    float[] weight = layer.weight();
    float[] lengths = new float[layer.bias().length];
    for (int i = 0; i < weight.length; i++) {
      lengths[i / layer.depth()] += weight[i] * weight[i];
    }
    for (int k = 0; k < lengths.length; k++) {
      lengths[k] = (float) Math.sqrt(lengths[k]);
    }
    return lengths;
  }

  private float[] unit(float[] lengths) {
    float[] unit = layer.weight();
    for (int i = 0; i < unit.length; i++) {
      float length = lengths[i / layer.depth()];
      unit[i] = length > 0 ? unit[i] / length : 0;
    }
    return unit;
  }
}
