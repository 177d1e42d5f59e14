package io.maskstream.onnx;

import static io.maskstream.onnx.GraphBuilder.attribute;

import io.maskstream.network.Convolution;
import io.maskstream.network.Ops;
import io.maskstream.network.Parameters;
import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.TensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tensor operations as nodes of an ONNX graph.
 *
 * <p>Batch normalisation is folded into the weights of the convolution before it.
 */
class OnnxOps implements Ops<OnnxValue> {
  private final GraphBuilder graph;
  private final Parameters parameters;

  OnnxOps(GraphBuilder graph, Parameters parameters) {
    this.graph = graph;
    this.parameters = parameters;
  }

  @Override
  public OnnxValue parameter(String name) {
    Parameters.Value value = parameters.get(name);
    return graph.floats(name, value.data(), value.shape());
  }

  @Override
  public OnnxValue constant(float value) {
    return graph.floats("float32[" + value + "]", new float[] {value});
  }

  @Override
  public OnnxValue constant(float[] data, long... shape) {
    String name = "float32" + Arrays.toString(shape) + "#" + Arrays.hashCode(data);
    return graph.floats(name.replace(" ", ""), data, shape);
  }

  @Override
  public OnnxValue convolution(OnnxValue x, Convolution layer) {
    Convolution.Size size = layer.size();
    Parameters.Value weight = parameters.get(layer.weight());
    List<OnnxValue> inputs = new ArrayList<>(List.of(x));
    FoldedWeights folded = FoldedWeights.of(layer, parameters);
    inputs.add(graph.floats(layer.weight(), folded.weight(), weight.shape()));
    if (folded.bias().length > 0) {
      inputs.add(graph.floats(layer.weight() + ".bias", folded.bias(), size.out()));
    }
    int[] rows = layer.padding(x.shape()[2]);
    int[] columns = layer.padding(x.shape()[3]);
    List<AttributeProto> attributes =
        List.of(
            attribute("kernel_shape", new long[] {size.kernel(), size.kernel()}),
            attribute("strides", new long[] {size.stride(), size.stride()}),
            attribute("pads", new long[] {rows[0], columns[0], rows[1], columns[1]}),
            attribute("group", size.groups()));
    long height = (x.shape()[2] + size.stride() - 1) / size.stride();
    long width = (x.shape()[3] + size.stride() - 1) / size.stride();
    OnnxValue sum = graph.node("Conv", inputs, attributes, x.shape()[0], size.out(), height, width);
    return switch (layer.activation()) {
      case NONE -> sum;
      case RELU -> relu(sum);
      case RELU6 ->
          graph.node("Clip", List.of(sum, constant(0f), constant(6f)), List.of(), sum.shape());
    };
  }

  /** A node whose output is as its operands broadcast. */
  private OnnxValue binary(String type, OnnxValue a, OnnxValue b) {
    return graph.node(type, List.of(a, b), List.of(), broadcast(a.shape(), b.shape()));
  }

  /** The broadcast shape by NumPy's rules; the batch (-1) wins over 1. */
  static long[] broadcast(long[] a, long[] b) {
    long[] result = new long[Math.max(a.length, b.length)];
    for (int i = 1; i <= result.length; i++) {
      long left = i <= a.length ? a[a.length - i] : 1;
      long right = i <= b.length ? b[b.length - i] : 1;
      if (left != right && left != 1 && right != 1) {
        throw new IllegalArgumentException(
            "cannot broadcast %s with %s".formatted(Arrays.toString(a), Arrays.toString(b)));
      }
      result[result.length - i] = left == 1 ? right : left;
    }
    return result;
  }

  @Override
  public OnnxValue add(OnnxValue a, OnnxValue b) {
    return binary("Add", a, b);
  }

  @Override
  public OnnxValue subtract(OnnxValue a, OnnxValue b) {
    return binary("Sub", a, b);
  }

  @Override
  public OnnxValue multiply(OnnxValue a, OnnxValue b) {
    return binary("Mul", a, b);
  }

  @Override
  public OnnxValue divide(OnnxValue a, OnnxValue b) {
    return binary("Div", a, b);
  }

  @Override
  public OnnxValue matmul(OnnxValue a, OnnxValue b) {
    int left = a.shape().length;
    int right = b.shape().length;
    if (a.shape()[left - 1] != b.shape()[right - 2]) {
      throw new IllegalArgumentException(
          "cannot multiply %s by %s"
              .formatted(Arrays.toString(a.shape()), Arrays.toString(b.shape())));
    }
    long[] outer =
        broadcast(Arrays.copyOf(a.shape(), left - 2), Arrays.copyOf(b.shape(), right - 2));
    long[] shape = Arrays.copyOf(outer, outer.length + 2);
    shape[outer.length] = a.shape()[left - 2];
    shape[outer.length + 1] = b.shape()[right - 1];
    return graph.node("MatMul", List.of(a, b), List.of(), shape);
  }

  @Override
  public OnnxValue transpose(OnnxValue x, int... order) {
    long[] shape = Arrays.stream(order).mapToLong(axis -> x.shape()[axis]).toArray();
    long[] perm = Arrays.stream(order).asLongStream().toArray();
    return graph.node("Transpose", List.of(x), List.of(attribute("perm", perm)), shape);
  }

  @Override
  public OnnxValue reshape(OnnxValue x, long... shape) {
    return graph.node("Reshape", List.of(x, graph.longs(shape)), List.of(), shape);
  }

  @Override
  public OnnxValue concat(int axis, List<OnnxValue> parts) {
    long[] shape = parts.get(0).shape().clone();
    shape[axis] = parts.stream().mapToLong(part -> part.shape()[axis]).sum();
    return graph.node("Concat", parts, List.of(attribute("axis", axis)), shape);
  }

  @Override
  public OnnxValue softmax(OnnxValue x, int axis) {
    return graph.node("Softmax", List.of(x), List.of(attribute("axis", axis)), x.shape());
  }

  @Override
  public OnnxValue sum(OnnxValue x, int axis) {
    return reduce("ReduceSum", x, axis);
  }

  @Override
  public OnnxValue max(OnnxValue x, int axis) {
    return reduce("ReduceMax", x, axis);
  }

  private OnnxValue reduce(String type, OnnxValue x, int axis) {
    long[] shape = x.shape().clone();
    shape[axis] = 1;
    return graph.node(type, List.of(x, graph.longs(axis)), List.of(), shape);
  }

  @Override
  public OnnxValue slice(OnnxValue x, int axis, long from, long to) {
    long[] shape = x.shape().clone();
    shape[axis] = to - from;
    return graph.node(
        "Slice",
        List.of(x, graph.longs(from), graph.longs(to), graph.longs(axis)),
        List.of(),
        shape);
  }

  /** Every n-th index of an axis, the first included. */
  OnnxValue everyNth(OnnxValue x, int axis, int n) {
    long[] shape = x.shape().clone();
    shape[axis] = (shape[axis] + n - 1) / n;
    List<OnnxValue> inputs =
        List.of(x, graph.longs(0), graph.longs(x.shape()[axis]), graph.longs(axis), graph.longs(n));
    return graph.node("Slice", inputs, List.of(), shape);
  }

  @Override
  public OnnxValue log(OnnxValue x) {
    return graph.node("Log", List.of(x), List.of(), x.shape());
  }

  @Override
  public OnnxValue relu(OnnxValue x) {
    return graph.node("Relu", List.of(x), List.of(), x.shape());
  }

  @Override
  public OnnxValue sqrt(OnnxValue x) {
    return graph.node("Sqrt", List.of(x), List.of(), x.shape());
  }

  @Override
  public OnnxValue resize(OnnxValue x, long height, long width) {
    OnnxValue unused = new OnnxValue("");
    // All four sizes from the tensor's own shape: TensorRT's parser does not take fixed ones where
    // the batch is free.
    List<AttributeProto> outer = List.of(attribute("start", 0), attribute("end", 2));
    OnnxValue kept = graph.node("Shape", List.of(x), outer, 2);
    OnnxValue sizes = concat(0, List.of(kept, graph.longs(height, width)));
    List<AttributeProto> attributes =
        List.of(
            attribute("mode", "linear"), attribute("coordinate_transformation_mode", "half_pixel"));
    return graph.node(
        "Resize",
        List.of(x, unused, unused, sizes),
        attributes,
        x.shape()[0],
        x.shape()[1],
        height,
        width);
  }

  /** Integers or ground truth values as floats. */
  OnnxValue floats(OnnxValue x) {
    AttributeProto to = attribute("to", TensorProto.DataType.FLOAT.getNumber());
    return graph.node("Cast", List.of(x), List.of(to), x.shape());
  }

  /** Index of the largest along axis 1, which goes, as a float. */
  OnnxValue argMax(OnnxValue x) {
    long[] shape = new long[x.shape().length - 1];
    shape[0] = x.shape()[0];
    System.arraycopy(x.shape(), 2, shape, 1, shape.length - 1);
    OnnxValue index =
        graph.node(
            "ArgMax", List.of(x), List.of(attribute("axis", 1), attribute("keepdims", 0)), shape);
    return floats(index);
  }

  @Override
  public long[] shape(OnnxValue x) {
    return x.shape();
  }
}
