package io.maskstream.onnx;

import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Least and largest value of tensors over pictures, and their shapes, from the graph itself. */
final class QuantizationRanges {
  private static final String LEAST = "/least";
  private static final String LARGEST = "/largest";
  private static final String SHAPE = "/shape";

  /**
   * What a tensor held.
   *
   * @param least value, at most 0, so that 0 can be written exactly
   * @param largest value, at least 0
   * @param shape for one picture
   */
  record Range(float least, float largest, long[] shape) {
    Range with(Range other) {
      return new Range(Math.min(least, other.least), Math.max(largest, other.largest), other.shape);
    }
  }

  private QuantizationRanges() {}

  /** Ranges of tensors over the pictures that a contract graph is given. */
  static Map<String, Range> of(ModelProto model, Collection<String> tensors, List<byte[]> pictures)
      throws GraphException {
    Map<String, Range> ranges = new HashMap<>();
    try (GraphRun run = GraphRun.of(measuring(model, tensors), List.of(), 1)) {
      for (byte[] picture : pictures) {
        Map<String, GraphRun.Value> outputs = run.run(ContractInputs.of(model, picture));
        for (String tensor : tensors) {
          Range range =
              new Range(
                  Math.min(0, scalar(outputs, tensor + LEAST)),
                  Math.max(0, scalar(outputs, tensor + LARGEST)),
                  shape(outputs, tensor + SHAPE));
          ranges.merge(tensor, range, Range::with);
        }
      }
    }
    return ranges;
  }

  private static float scalar(Map<String, GraphRun.Value> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name)).values()[0];
  }

  private static long[] shape(Map<String, GraphRun.Value> outputs, String name) {
    float[] values = Objects.requireNonNull(outputs.get(name)).values();
    long[] shape = new long[values.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = (long) values[i];
    }
    return shape;
  }

  /** The model with the measurements as its only outputs. */
  private static ModelProto measuring(ModelProto model, Collection<String> tensors) {
    GraphProto.Builder graph = model.getGraph().toBuilder().clearOutput();
    for (String tensor : tensors) {
      measure(graph, "ReduceMin", tensor, LEAST, DataType.FLOAT);
      measure(graph, "ReduceMax", tensor, LARGEST, DataType.FLOAT);
      measure(graph, "Shape", tensor, SHAPE, DataType.INT64);
    }
    return model.toBuilder().setGraph(graph).build();
  }

  private static void measure(
      GraphProto.Builder graph, String type, String tensor, String suffix, DataType result) {
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(type).addInput(tensor).addOutput(tensor + suffix);
    if (!type.equals("Shape")) {
      node.addAttribute(GraphBuilder.attribute("keepdims", 0));
    }
    ValueInfoProto.Builder output = ValueInfoProto.newBuilder().setName(tensor + suffix);
    output.getTypeBuilder().getTensorTypeBuilder().setElemType(result.getNumber());
    graph.addNode(node).addOutput(output);
  }
}
