package io.maskstream.onnx;

import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Multiplications with an addition of one pass of a graph, in convolutions and matrix products;
 * element-wise work, normalization and resizing count nothing. Papers call them FLOPs; twice that
 * is the count of floating-point operations.
 */
final class MultiplyAdds {

  /** Operators that are counted. */
  private static final Set<String> COUNTED = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

  /** Operators that would have to be counted, and are not. */
  private static final Set<String> UNKNOWN = Set.of("Einsum", "LSTM", "GRU", "RNN", "Attention");

  private final Map<String, long[]> shapes = new LinkedHashMap<>();

  private MultiplyAdds() {}

  /**
   * Counts.
   *
   * @param model whose inputs have fixed shapes
   */
  static long of(ModelProto model) throws GraphException {
    OnnxGraph graph = new OnnxGraph(model.getGraph());
    MultiplyAdds count = new MultiplyAdds();
    count.readShapes(model, graph);
    long sum = 0;
    for (NodeProto node : graph.nodes()) {
      if (UNKNOWN.contains(node.getOpType())) {
        throw new GraphException(
            "multiplications of the operator %s are not counted".formatted(node.getOpType()));
      }
      sum += COUNTED.contains(node.getOpType()) ? count.of(node) : 0;
    }
    return sum;
  }

  private void readShapes(ModelProto model, OnnxGraph graph) throws GraphException {
    Set<String> needed = new LinkedHashSet<>();
    for (NodeProto node : graph.nodes()) {
      if (COUNTED.contains(node.getOpType())) {
        needed.addAll(node.getInputList().subList(0, 2));
        needed.add(node.getOutput(0));
      }
    }
    for (TensorProto constant : model.getGraph().getInitializerList()) {
      if (needed.remove(constant.getName())) {
        shapes.put(constant.getName(), longs(constant));
      }
    }
    graph
        .inputs()
        .forEach(
            input -> {
              if (needed.remove(input.getName())) {
                shapes.put(input.getName(), PictureInput.shape(input));
              }
            });
    try (GraphRun run = GraphRun.of(model, needed, 1)) {
      shapes.putAll(run.shapes());
    }
  }

  private static long[] longs(TensorProto tensor) {
    return tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
  }

  private long of(NodeProto node) throws GraphException {
    long[] left = shape(node.getInput(0));
    long[] right = shape(node.getInput(1));
    long outputs = size(shape(node.getOutput(0)));
    return switch (node.getOpType()) {
      // Each output is a sum over the filter's other axes; weight [out, in / groups, ...].
      case "Conv" -> outputs * (size(right) / right[0]);
      // Each input goes to every place of the filter; weight [in, out / groups, ...].
      case "ConvTranspose" -> size(left) * (size(right) / right[0]);
      case "Gemm" -> outputs * left[isTransposed(node) ? 0 : 1];
      default -> outputs * left[left.length - 1];
    };
  }

  private static boolean isTransposed(NodeProto gemm) {
    for (AttributeProto attribute : gemm.getAttributeList()) {
      if (attribute.getName().equals("transA")) {
        return attribute.getI() == 1;
      }
    }
    return false;
  }

  private long[] shape(String tensor) throws GraphException {
    long[] shape = shapes.get(tensor);
    if (shape == null || Arrays.stream(shape).anyMatch(length -> length < 0)) {
      throw new GraphException(
          "the shape of the tensor '%s' is not fixed: %s"
              .formatted(tensor, shape == null ? "unknown" : Arrays.toString(shape)));
    }
    return shape;
  }

  private static long size(long[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }
}
