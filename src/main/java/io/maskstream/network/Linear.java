package io.maskstream.network;

import io.maskstream.network.ParameterSpec.Init;

/** A linear map of the last axis, x·weight + bias, weight [in, out], started as PyTorch does. */
final class Linear {
  private final String weight;
  private final String bias;

  Linear(Scope scope, int in, int out) {
    this.weight = scope.trained("weight", Init.fanIn(in), in, out);
    this.bias = scope.trained("bias", Init.fanIn(in), out);
  }

  <T> T forward(Ops<T> ops, T x) {
    return ops.add(ops.matmul(x, ops.parameter(weight)), ops.parameter(bias));
  }
}
