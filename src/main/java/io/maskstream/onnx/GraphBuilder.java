package io.maskstream.onnx;

import com.google.protobuf.ByteString;
import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.TensorShapeProto;
import io.maskstream.onnx.format.TypeProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Collects nodes, constants, inputs and outputs of an ONNX graph. */
final class GraphBuilder {
  private static final String BATCH = "batch";

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final Set<String> initializers = new HashSet<>();
  private int counter;

  GraphBuilder(String name) {
    graph.setName(name);
  }

  GraphProto build() {
    return graph.build();
  }

  /** Declares an input; -1 in the shape is the batch. */
  OnnxValue input(String name, DataType type, long... shape) {
    graph.addInput(info(name, type, shape));
    return new OnnxValue(name, shape);
  }

  /** Declares that a tensor is an output under a name. */
  void output(String name, DataType type, OnnxValue value) {
    output(name, type, value, NodeProto.newBuilder().setOpType("Identity"));
  }

  /** Declares that a tensor, cast to a type, is an output under a name. */
  void outputCast(String name, DataType type, OnnxValue value) {
    AttributeProto to = attribute("to", type.getNumber());
    output(name, type, value, NodeProto.newBuilder().setOpType("Cast").addAttribute(to));
  }

  private void output(String name, DataType type, OnnxValue value, NodeProto.Builder node) {
    graph.addNode(node.setName(name + "_output").addInput(value.name()).addOutput(name));
    graph.addOutput(info(name, type, value.shape()));
  }

  private static ValueInfoProto info(String name, DataType type, long[] shape) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (long length : shape) {
      TensorShapeProto.Dimension.Builder dim = dims.addDimBuilder();
      if (length < 0) {
        dim.setDimParam(BATCH);
      } else {
        dim.setDimValue(length);
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(dims).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** Adds a node with one output of a known shape. */
  OnnxValue node(
      String type, List<OnnxValue> inputs, List<AttributeProto> attributes, long... shape) {
    String name = type + "_" + counter++;
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(type).setName(name).addAllAttribute(attributes);
    inputs.forEach(input -> node.addInput(input.name()));
    graph.addNode(node.addOutput(name));
    return new OnnxValue(name, shape);
  }

  /** A constant of 32-bit floats under a name of its own; the second of a name is the first. */
  OnnxValue floats(String name, float[] data, long... shape) {
    ByteBuffer bytes = Tensors.buffer(data.length * Float.BYTES);
    bytes.asFloatBuffer().put(data);
    return constant(name, DataType.FLOAT, bytes, shape);
  }

  /** A constant of 64-bit integers. */
  OnnxValue longs(long... data) {
    ByteBuffer bytes = Tensors.buffer(data.length * Long.BYTES);
    bytes.asLongBuffer().put(data);
    String name = "int64" + Arrays.toString(data).replace(" ", "");
    return constant(name, DataType.INT64, bytes, data.length);
  }

  private OnnxValue constant(String name, DataType type, ByteBuffer bytes, long... shape) {
    add(Tensors.of(name, type, bytes, shape));
    return new OnnxValue(name, shape);
  }

  /** Adds a node whose names are new to the graph. */
  void add(NodeProto node) {
    graph.addNode(node);
  }

  /** Adds a constant; the second of a name is the first. */
  void add(TensorProto constant) {
    if (initializers.add(constant.getName())) {
      graph.addInitializer(constant);
    }
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto attribute(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static AttributeProto attribute(String name, long[] values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    Arrays.stream(values).forEach(attribute::addInts);
    return attribute.build();
  }
}
