package io.maskstream.network;

import io.maskstream.network.ParameterSpec.Init;

/** A linear map of the last axis: x·weight + bias, weight [in, out]. */
final class Linear {
  private final String weight;
  private final String bias;

  Linear(Scope scope, int in, int out) {
    this.weight = scope.trained("weight", Init.HE_FAN_OUT, in, out);
    this.bias = scope.trained("bias", Init.ZEROS, out);
  }

  <T> T forward(Ops<T> ops, T x) {
    return ops.add(ops.matmul(x, ops.parameter(weight)), ops.parameter(bias));
  }
}
