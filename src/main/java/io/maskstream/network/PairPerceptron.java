package io.maskstream.network;

import io.maskstream.network.ParameterSpec.Init;

/**
 * A two-layer perceptron over the concatenation of two vectors: 2D to D / 2 to D.
 *
 * <p>The first layer is computed as the sum of two products, which equals the product with the
 * concatenation and lets one of the two be shared by the batch.
 */
final class PairPerceptron {
  private final String first;
  private final String second;
  private final String bias;
  private final Linear output;

  PairPerceptron(Scope scope, int features) {
    int hidden = features / 2;
    Init init = Init.fanIn(2 * features); // one layer over the concatenation
    this.first = scope.trained("first", init, features, hidden);
    this.second = scope.trained("second", init, features, hidden);
    this.bias = scope.trained("bias", Init.ZEROS, hidden);
    this.output = new Linear(scope.child("output"), hidden, features);
  }

  /** [..., D] and [..., D] to [..., D]. */
  <T> T forward(Ops<T> ops, T a, T b) {
    T sum =
        ops.add(
            ops.matmul(a, ops.parameter(first)), // [..., D / 2]
            ops.matmul(b, ops.parameter(second)));
    return output.forward(ops, ops.relu(ops.add(sum, ops.parameter(bias))));
  }
}
