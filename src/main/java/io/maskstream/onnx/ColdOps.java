package io.maskstream.onnx;

import io.maskstream.network.Parameters;
import java.util.Arrays;

/**
 * Operations that leave out what a zero makes superfluous. A head whose prior is {@link #zero} is
 * written without a camera's memory: as in its paper, but for the same scores.
 */
final class ColdOps extends OnnxOps {
  private static final String ZERO = "zero";

  ColdOps(GraphBuilder graph, Parameters parameters) {
    super(graph, parameters);
  }

  /** Zeros of a shape, which stand for no tensor of the graph. */
  OnnxValue zero(long... shape) {
    return new OnnxValue(ZERO, shape);
  }

  private static boolean isZero(OnnxValue x) {
    return x.name().equals(ZERO);
  }

  @Override
  public OnnxValue add(OnnxValue a, OnnxValue b) {
    if (isZero(a) || isZero(b)) {
      return spread(isZero(a) ? b : a, broadcast(a.shape(), b.shape()));
    }
    return super.add(a, b);
  }

  /** The tensor with the axes of length 1 that a sum would give it. */
  private OnnxValue spread(OnnxValue x, long[] shape) {
    if (isZero(x)) {
      return zero(shape);
    }
    return Arrays.equals(x.shape(), shape) ? x : reshape(x, shape);
  }

  @Override
  public OnnxValue subtract(OnnxValue a, OnnxValue b) {
    if (isZero(a)) {
      return multiply(b, constant(-1f));
    }
    return isZero(b) ? add(a, b) : super.subtract(a, b);
  }

  @Override
  public OnnxValue multiply(OnnxValue a, OnnxValue b) {
    return isZero(a) || isZero(b) ? zero(broadcast(a.shape(), b.shape())) : super.multiply(a, b);
  }

  @Override
  public OnnxValue divide(OnnxValue a, OnnxValue b) {
    return isZero(a) ? zero(broadcast(a.shape(), b.shape())) : super.divide(a, b);
  }

  @Override
  public OnnxValue matmul(OnnxValue a, OnnxValue b) {
    OnnxValue product = super.matmul(a, b);
    return isZero(a) || isZero(b) ? zero(product.shape()) : product;
  }

  @Override
  public OnnxValue reshape(OnnxValue x, long... shape) {
    return isZero(x) ? zero(shape) : super.reshape(x, shape);
  }
}
