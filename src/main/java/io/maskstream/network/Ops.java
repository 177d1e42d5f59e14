package io.maskstream.network;

import java.util.List;

/**
 * The tensor operations a network's forward pass is written in.
 *
 * <p>Axes count from 0; negative axes are not used. Binary operations broadcast by NumPy's rules.
 * An operation changes none of its operands.
 *
 * @param <T> what a tensor is: an array of numbers, or a node of a graph
 */
public interface Ops<T> {

  /** The value of a declared parameter. */
  T parameter(String name);

  /** A scalar. */
  T constant(float value);

  /** Fixed numbers of a shape. */
  T constant(float[] data, long... shape);

  /**
   * Convolution, then batch normalisation and activation where the layer has them: [B, in, H, W] to
   * [B, out, H', W'].
   */
  T convolution(T x, Convolution layer);

  T add(T a, T b);

  T subtract(T a, T b);

  T multiply(T a, T b);

  T divide(T a, T b);

  /** Matrix product over the last two axes. */
  T matmul(T a, T b);

  T transpose(T x, int... order);

  /** Reshapes; -1 stands for the batch axis. */
  T reshape(T x, long... shape);

  T concat(int axis, List<T> parts);

  T softmax(T x, int axis);

  /** Sum along an axis, which stays with length 1. */
  T sum(T x, int axis);

  /** Largest value along an axis, which stays with length 1. */
  T max(T x, int axis);

  /** The part of an axis from an index, which counts, to another, which does not. */
  T slice(T x, int axis, long from, long to);

  T relu(T x);

  /** Natural logarithm; the operand must be positive. */
  T log(T x);

  /** Square root; the operand must be positive. */
  T sqrt(T x);

  /** Bilinear resize of [B, C, H, W], pixel centres at half-integers. */
  T resize(T x, long height, long width);

  /** Shape; the batch axis may be -1. */
  long[] shape(T x);

  /** Mean along an axis, which stays with length 1. */
  default T mean(T x, int axis) {
    return divide(sum(x, axis), constant((float) shape(x)[axis]));
  }

  /** Scales to unit ℓ2 length along an axis; vectors shorter than 1e-6 shrink towards zero. */
  default T l2Normalize(T x, int axis) {
    T squares = sum(multiply(x, x), axis);
    return divide(x, sqrt(add(squares, constant(UNIT_EPSILON))));
  }

  /** Added to the squared length before the root, so that a zero vector stays zero. */
  float UNIT_EPSILON = 1e-12f;
}
