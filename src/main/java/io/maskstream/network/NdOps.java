package io.maskstream.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Tensor operations on DJL arrays, recorded for gradients when a gradient collector is open.
 *
 * <p>Every result belongs to the manager given; close it to free the whole pass. Batch
 * normalisation uses and updates batch statistics for layers that learn, and the running ones for
 * the others.
 */
public final class NdOps implements Ops<NDArray> {

  /** Share of the running statistics that stays at each step. */
  private static final float BATCH_NORM_MOMENTUM = 0.95f;

  /** Bilinear: DJL's PyTorch engine maps 1 to it and 2 to area. */
  private static final int BILINEAR = 1;

  private final NDManager manager;
  private final Map<String, NDArray> parameters;
  private final Predicate<String> isTrainable;
  private final DataType precision;

  /**
   * Operations over parameters.
   *
   * @param manager owner of all results
   * @param parameters values by name
   * @param isTrainable whether the layer with this weight is being trained
   */
  public NdOps(NDManager manager, Map<String, NDArray> parameters, Predicate<String> isTrainable) {
    this.manager = manager;
    this.parameters = parameters;
    this.isTrainable = isTrainable;
    this.precision =
        parameters.values().stream().findFirst().map(NDArray::getDataType).orElse(DataType.FLOAT32);
  }

  private NDArray keep(NDArray result) {
    result.attach(manager);
    return result;
  }

  @Override
  public NDArray parameter(String name) {
    NDArray value = parameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no value for parameter " + name);
    }
    return value;
  }

  @Override
  public NDArray constant(float value) {
    return manager.create(value);
  }

  /** Like the operands' type, so that a pass in double precision stays one. */
  @Override
  public NDArray constant(float[] data, long... shape) {
    NDArray value = manager.create(data, new Shape(shape));
    return precision == value.getDataType() ? value : keep(value.toType(precision, false));
  }

  @Override
  public NDArray convolution(NDArray x, Convolution layer) {
    Convolution.Size size = layer.size();
    Shape stride = new Shape(size.stride(), size.stride());
    int[] rows = layer.padding(x.getShape().get(2));
    int[] columns = layer.padding(x.getShape().get(3));
    Shape padding = new Shape(rows[0], columns[0]);
    NDArray padded = x;
    if (rows[0] != rows[1] || columns[0] != columns[1]) {
      padded = keep(x.pad(new Shape(columns[0], columns[1], rows[0], rows[1]), 0));
      padding = new Shape(0, 0);
    }
    NDArray weight = parameter(layer.weight());
    NDArray bias = layer.bias() == null ? null : parameter(layer.bias());
    Shape dilation = new Shape(1, 1);
    NDArray sum =
        keep(
            Conv2d.conv2d(padded, weight, bias, stride, padding, dilation, size.groups())
                .singletonOrThrow());
    return activate(normalise(sum, layer), layer.activation());
  }

  private NDArray normalise(NDArray x, Convolution layer) {
    Convolution.BatchNorm norm = layer.batchNorm();
    if (norm == null) {
      return x;
    }
    return keep(
        BatchNorm.batchNorm(
                x,
                parameter(norm.mean()),
                parameter(norm.variance()),
                parameter(norm.gamma()),
                parameter(norm.beta()),
                -1,
                BATCH_NORM_MOMENTUM,
                Convolution.BatchNorm.EPSILON,
                isTrainable.test(layer.weight()))
            .singletonOrThrow());
  }

  private NDArray activate(NDArray x, Convolution.Activation activation) {
    return switch (activation) {
      case NONE -> x;
      case RELU -> relu(x);
      case RELU6 -> keep(x.clip(0f, 6f));
    };
  }

  @Override
  public NDArray add(NDArray a, NDArray b) {
    return keep(a.add(b));
  }

  @Override
  public NDArray subtract(NDArray a, NDArray b) {
    return keep(a.sub(b));
  }

  @Override
  public NDArray multiply(NDArray a, NDArray b) {
    return keep(a.mul(b));
  }

  @Override
  public NDArray divide(NDArray a, NDArray b) {
    return keep(a.div(b));
  }

  @Override
  public NDArray matmul(NDArray a, NDArray b) {
    return keep(a.matMul(b));
  }

  @Override
  public NDArray transpose(NDArray x, int... order) {
    return keep(x.transpose(order));
  }

  @Override
  public NDArray reshape(NDArray x, long... shape) {
    return keep(x.reshape(shape));
  }

  @Override
  public NDArray concat(int axis, List<NDArray> parts) {
    return keep(ai.djl.ndarray.NDArrays.concat(new NDList(parts), axis));
  }

  @Override
  public NDArray softmax(NDArray x, int axis) {
    return keep(x.softmax(axis));
  }

  @Override
  public NDArray sum(NDArray x, int axis) {
    return keep(x.sum(new int[] {axis}, true));
  }

  @Override
  public NDArray max(NDArray x, int axis) {
    return keep(x.max(new int[] {axis}, true));
  }

  @Override
  public NDArray slice(NDArray x, int axis, long from, long to) {
    return keep(x.get(new NDIndex().addAllDim(axis).addSliceDim(from, to)));
  }

  @Override
  public NDArray log(NDArray x) {
    return keep(x.log());
  }

  @Override
  public NDArray relu(NDArray x) {
    return keep(x.getNDArrayInternal().relu());
  }

  @Override
  public NDArray sqrt(NDArray x) {
    return keep(x.sqrt());
  }

  @Override
  public NDArray resize(NDArray x, long height, long width) {
    return keep(x.getNDArrayInternal().interpolation(new long[] {height, width}, BILINEAR, false));
  }

  @Override
  public long[] shape(NDArray x) {
    return x.getShape().getShape();
  }
}
