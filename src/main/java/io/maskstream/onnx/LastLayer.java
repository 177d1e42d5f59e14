package io.maskstream.onnx;

import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The last 1×1 convolution of a graph: a vector per class, the logits being its products with the
 * features of each pixel. A convolution, a matrix product over the last axis, or the sum of two of
 * either, which is one over both features together.
 *
 * @param logits name of the tensor that it makes, its bias included
 * @param parts its products
 * @param bias per class; K
 */
record LastLayer(String logits, List<Part> parts, float[] bias) {

  /**
   * One product.
   *
   * @param features name of the tensor that it reads: [B, D, h, w], or [..., D] where rows
   * @param weight of the classes: K·D
   * @param depth D
   * @param rows whether the features are rows of D numbers per pixel
   */
  record Part(String features, float[] weight, int depth, boolean rows) {}

  /** Operators between it and the logits of the graph, all the same for each class. */
  private static final Set<String> AFTER =
      Set.of("Resize", "Identity", "Cast", "Transpose", "Reshape", "Slice", "Squeeze", "Unsqueeze");

  /** Length of the features of a pixel. */
  int depth() {
    return parts.stream().mapToInt(Part::depth).sum();
  }

  /** Vectors of the classes over all features: K·D. */
  float[] weight() {
    int classes = bias.length;
    int depth = depth();
    float[] joined = new float[classes * depth];
    int offset = 0;
    for (Part part : parts) {
      for (int k = 0; k < classes; k++) {
        System.arraycopy(part.weight, k * part.depth, joined, k * depth + offset, part.depth);
      }
      offset += part.depth;
    }
    return joined;
  }

  /** The layer that makes logits; empty where they come about in another way. */
  static Optional<LastLayer> before(OnnxGraph graph, String logits, int classes)
      throws GraphException {
    String tensor = logits;
    while (true) {
      Optional<LastLayer> found = at(graph, tensor, classes, true);
      Optional<NodeProto> node = graph.producer(tensor);
      if (found.isPresent() || node.isEmpty() || !AFTER.contains(node.get().getOpType())) {
        return found;
      }
      tensor = node.get().getInput(0);
    }
  }

  private static Optional<LastLayer> at(OnnxGraph graph, String tensor, int classes, boolean sums)
      throws GraphException {
    Optional<NodeProto> producer = graph.producer(tensor);
    if (producer.isEmpty()) {
      return Optional.empty();
    }
    NodeProto node = producer.get();
    return switch (node.getOpType()) {
      case "Conv" -> convolution(graph, node, classes);
      case "Gemm" -> gemm(graph, node, classes);
      case "MatMul" -> matmul(graph, node, classes);
      case "Add" -> sums ? sum(graph, node, classes) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<LastLayer> convolution(OnnxGraph graph, NodeProto node, int classes)
      throws GraphException {
    Optional<TensorProto> weight = graph.constant(node.getInput(1));
    if (weight.isEmpty()) {
      return Optional.empty();
    }
    List<Long> dims = weight.get().getDimsList();
    boolean pointwise = dims.size() == 4 && dims.get(2) == 1 && dims.get(3) == 1;
    if (!pointwise || dims.get(0) != classes || !plain(node)) {
      return Optional.empty();
    }
    int depth = dims.get(1).intValue();
    Part part = new Part(node.getInput(0), Tensors.floats(weight.get()), depth, false);
    return layer(graph, node, part, node.getInputCount() > 2 ? node.getInput(2) : "", classes);
  }

  /** One step, one group, nothing padded. */
  private static boolean plain(NodeProto node) {
    for (AttributeProto attribute : node.getAttributeList()) {
      boolean usual =
          switch (attribute.getName()) {
            case "group" -> attribute.getI() == 1;
            case "strides" -> attribute.getIntsList().stream().allMatch(value -> value == 1);
            case "pads" -> attribute.getIntsList().stream().allMatch(value -> value == 0);
            default -> true;
          };
      if (!usual) {
        return false;
      }
    }
    return true;
  }

  private static Optional<LastLayer> gemm(OnnxGraph graph, NodeProto node, int classes)
      throws GraphException {
    boolean transposed = false;
    for (AttributeProto attribute : node.getAttributeList()) {
      switch (attribute.getName()) {
        case "transB" -> transposed = attribute.getI() == 1;
        case "transA" -> {
          if (attribute.getI() == 1) {
            return Optional.empty();
          }
        }
        default -> {
          if (attribute.getF() != 1) { // alpha and beta
            return Optional.empty();
          }
        }
      }
    }
    return product(
        graph, node, transposed, node.getInputCount() > 2 ? node.getInput(2) : "", classes);
  }

  private static Optional<LastLayer> matmul(OnnxGraph graph, NodeProto node, int classes)
      throws GraphException {
    return product(graph, node, false, "", classes);
  }

  private static Optional<LastLayer> product(
      OnnxGraph graph, NodeProto node, boolean transposed, String bias, int classes)
      throws GraphException {
    Optional<TensorProto> weight = graph.constant(node.getInput(1));
    if (weight.isEmpty() || weight.get().getDimsCount() != 2) {
      return Optional.empty();
    }
    int depth = (int) weight.get().getDims(transposed ? 1 : 0);
    if (weight.get().getDims(transposed ? 0 : 1) != classes) {
      return Optional.empty();
    }
    float[] values = Tensors.floats(weight.get());
    float[] perClass = transposed ? values : transposed(values, depth, classes);
    return layer(graph, node, new Part(node.getInput(0), perClass, depth, true), bias, classes);
  }

  /** [D, K] to [K, D]. */
  private static float[] transposed(float[] values, int depth, int classes) {
    float[] result = new float[values.length];
    for (int d = 0; d < depth; d++) {
      for (int k = 0; k < classes; k++) {
        result[k * depth + d] = values[d * classes + k];
      }
    }
    return result;
  }

  private static Optional<LastLayer> layer(
      OnnxGraph graph, NodeProto node, Part part, String bias, int classes) throws GraphException {
    Optional<float[]> values = bias(graph, bias, classes);
    return values.isEmpty()
        ? Optional.empty()
        : Optional.of(new LastLayer(node.getOutput(0), List.of(part), values.get()));
  }

  private static Optional<float[]> bias(OnnxGraph graph, String name, int classes)
      throws GraphException {
    if (name.isEmpty()) {
      return Optional.of(new float[classes]);
    }
    Optional<TensorProto> tensor = graph.constant(name);
    if (tensor.isEmpty() || Tensors.count(tensor.get()) != classes) {
      return Optional.empty();
    }
    return Optional.of(Tensors.floats(tensor.get()));
  }

  /** A bias behind the product, or two products. */
  private static Optional<LastLayer> sum(OnnxGraph graph, NodeProto node, int classes)
      throws GraphException {
    Optional<LastLayer> left = at(graph, node.getInput(0), classes, false);
    Optional<LastLayer> right = at(graph, node.getInput(1), classes, false);
    if (left.isPresent() && right.isPresent()) {
      return joined(node, left.get(), right.get());
    }
    for (int i = 0; i < 2; i++) {
      Optional<LastLayer> layer = i == 0 ? left : right;
      Optional<TensorProto> other = graph.constant(node.getInput(1 - i));
      if (layer.isPresent() && other.isPresent() && Tensors.count(other.get()) == classes) {
        float[] bias = plus(layer.get().bias, Tensors.floats(other.get()));
        return Optional.of(new LastLayer(node.getOutput(0), layer.get().parts, bias));
      }
    }
    return Optional.empty();
  }

  private static Optional<LastLayer> joined(NodeProto node, LastLayer left, LastLayer right) {
    List<Part> parts = new ArrayList<>(left.parts);
    parts.addAll(right.parts);
    boolean alike = parts.stream().map(Part::rows).distinct().count() == 1;
    return alike
        ? Optional.of(new LastLayer(node.getOutput(0), parts, plus(left.bias, right.bias)))
        : Optional.empty();
  }

  private static float[] plus(float[] a, float[] b) {
    float[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }
}
