package io.maskstream.onnx;

import static io.maskstream.onnx.GraphBuilder.attribute;

import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.ValueInfoProto;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a graph in 8-bit integers, in the form that ONNX Runtime and TensorRT recognize: each
 * tensor that a quantized layer reads or writes passes through QuantizeLinear and DequantizeLinear,
 * and the engine joins these with the layer between them (Jacob et al., CVPR 2018).
 *
 * <p>Activations are unsigned with one scale per tensor; weights are signed and symmetric with a
 * scale per output channel; biases are 32-bit integers in the product of both scales. A layer's
 * activation function is taken into its output's range. Sums, joins, resizes and pooling between
 * quantized tensors are quantized with them, so that no tensor changes back and forth.
 */
final class QuantizedGraph {

  /** Operators with weights; the index of an output channel's axis depends on the operator. */
  static final Set<String> LAYERS = Set.of("Conv", "MatMul", "Gemm");

  private static final Set<String> ACTIVATIONS = Set.of("Relu", "Clip");
  private static final Set<String> FOLLOWERS =
      Set.of("Add", "Concat", "Resize", "MaxPool", "AveragePool", "GlobalAveragePool", "Mul");

  private static final int LEVELS = 255;
  private static final double LARGEST_BIAS = 1 << 30;

  private final ModelProto model;
  private final OnnxGraph search;
  private final Map<String, QuantizationRanges.Range> ranges;
  private final Map<String, float[]> means;
  private final int weightLimit;
  private final Set<String> quantized = new HashSet<>();
  private final Set<NodeProto> layers = new HashSet<>();
  private final Set<NodeProto> followers = new HashSet<>();
  private final Map<String, String> restored = new HashMap<>();
  private final Map<String, Float> scales = new HashMap<>(); // of the tensors in integers
  private GraphProto.Builder result = GraphProto.newBuilder();

  /**
   * A graph to write.
   *
   * @param ranges of all tensors that {@link #tensors} names
   * @param means per channel of the layers' inputs, by tensor; those not known are left out
   * @param weightLimit largest magnitude of a weight, 127; 63 where two products of a pair must fit
   *     16 bits, as on AVX2 without VNNI
   */
  QuantizedGraph(
      ModelProto model,
      Map<String, QuantizationRanges.Range> ranges,
      Map<String, float[]> means,
      int weightLimit) {
    this.model = model;
    this.search = new OnnxGraph(model.getGraph());
    this.ranges = ranges;
    this.means = means;
    this.weightLimit = weightLimit;
  }

  /** Layers that can be quantized: fixed weights, and a bias that is fixed where there is one. */
  static List<NodeProto> layers(OnnxGraph graph) {
    return graph.nodes().stream()
        .filter(node -> LAYERS.contains(node.getOpType()))
        .filter(node -> graph.constant(node.getInput(1)).isPresent())
        .filter(node -> graph.constant(node.getInput(0)).isEmpty())
        .filter(
            node ->
                node.getInputCount() < 3
                    || node.getInput(2).isEmpty()
                    || graph.constant(node.getInput(2)).isPresent())
        .filter(node -> graph.constant(node.getInput(1)).orElseThrow().getDataType() == 1)
        .filter(
            node ->
                node.getOpType().equals("Conv")
                    || graph.constant(node.getInput(1)).orElseThrow().getDimsCount() == 2)
        .toList();
  }

  /** Tensors whose ranges must be known. */
  static Set<String> tensors(OnnxGraph graph) {
    Set<String> names = new HashSet<>();
    for (NodeProto node : layers(graph)) {
      names.addAll(List.of(node.getInput(0), node.getOutput(0), end(graph, node)));
    }
    for (NodeProto node : graph.nodes()) {
      if (joins(node, names)) {
        names.addAll(List.of(node.getOutput(0), end(graph, node)));
      }
    }
    return names;
  }

  /** Whether a node only joins or moves these tensors. */
  private static boolean joins(NodeProto node, Set<String> tensors) {
    int inputs = node.getOpType().equals("Resize") ? 1 : node.getInputCount();
    return FOLLOWERS.contains(node.getOpType())
        && node.getInputList().stream().limit(inputs).allMatch(tensors::contains);
  }

  /** Output of a layer, behind its activation function where it has one. */
  private static String end(OnnxGraph graph, NodeProto node) {
    String output = node.getOutput(0);
    List<NodeProto> readers = graph.readers(output);
    boolean fused = readers.size() == 1 && ACTIVATIONS.contains(readers.get(0).getOpType());
    return fused ? readers.get(0).getOutput(0) : output;
  }

  /** The model with these layers in integers. */
  ModelProto of(Set<NodeProto> chosen) throws GraphException {
    layers.addAll(chosen);
    chosen.forEach(node -> quantized.add(end(search, node)));
    for (NodeProto node : search.nodes()) {
      if (joins(node, quantized)) {
        followers.add(node);
        quantized.add(end(search, node));
      }
    }
    chosen.forEach(node -> quantized.add(node.getInput(0)));
    result = model.getGraph().toBuilder().clearNode();
    for (ValueInfoProto input : model.getGraph().getInputList()) {
      restore(input.getName());
    }
    for (NodeProto node : search.nodes()) {
      result.addNode(layers.contains(node) ? layer(node) : reading(node));
      for (String output : node.getOutputList()) {
        restore(output);
      }
    }
    GraphProto graph = OnnxGraph.withoutDeadNodes(result.build(), Set.of());
    return model.toBuilder().setGraph(graph).build();
  }

  /** A node as it is, reading what the integers stand for where there are integers. */
  private NodeProto reading(NodeProto node) {
    NodeProto.Builder builder = node.toBuilder().clearInput();
    node.getInputList().forEach(input -> builder.addInput(restored.getOrDefault(input, input)));
    return builder.build();
  }

  /** Adds the way into integers and back behind a tensor. */
  private void restore(String tensor) throws GraphException {
    QuantizationRanges.Range range = ranges.get(tensor);
    if (!quantized.contains(tensor) || range == null) {
      return;
    }
    Optional<PictureBytes> picture = PictureBytes.of(search, tensor);
    float scale = picture.isPresent() ? picture.get().scale() : scale(range);
    int zero = picture.isPresent() ? picture.get().zero() : Math.round(-range.least() / scale);
    scales.put(tensor, scale);
    String scaleName = add(Tensors.ofFloats(tensor + "/scale", new float[] {scale}));
    ByteBuffer zeroByte = Tensors.buffer(1).put((byte) zero);
    String zeroName = add(Tensors.of(tensor + "/zero", DataType.UINT8, zeroByte));
    String bytes = tensor + "/bytes";
    result.addNode(
        picture.isPresent()
            ? ordered(picture.get(), bytes)
            : node("QuantizeLinear", List.of(tensor, scaleName, zeroName), bytes));
    String back = tensor + "/restored";
    result.addNode(node("DequantizeLinear", List.of(bytes, scaleName, zeroName), back));
    restored.put(tensor, back);
  }

  private static float scale(QuantizationRanges.Range range) {
    return Math.max((range.largest() - range.least()) / LEVELS, Float.MIN_NORMAL);
  }

  /** The picture's own bytes, their axes in the order of the layer that reads them. */
  private static NodeProto.Builder ordered(PictureBytes picture, String bytes) {
    List<String> inputs = List.of(picture.input());
    return picture
        .transpose()
        .map(
            transpose ->
                node("Transpose", inputs, bytes).addAllAttribute(transpose.getAttributeList()))
        .orElseGet(() -> node("Identity", inputs, bytes));
  }

  private static NodeProto.Builder node(String type, List<String> inputs, String output) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .setName(type + "/" + output)
        .addAllInput(inputs)
        .addOutput(output);
  }

  private String add(TensorProto tensor) {
    result.addInitializer(tensor);
    return tensor.getName();
  }

  /** A layer with its weights and bias in integers. */
  private NodeProto layer(NodeProto node) throws GraphException {
    TensorProto weight = search.constant(node.getInput(1)).orElseThrow();
    String input = node.getInput(0);
    Float inputScale = scales.get(input);
    if (inputScale == null) {
      throw new GraphException("the range of " + input + " is not known");
    }
    Optional<TensorProto> bias =
        node.getInputCount() > 2 && !node.getInput(2).isEmpty()
            ? search.constant(node.getInput(2))
            : Optional.empty();
    float[] biases = bias.isPresent() ? Tensors.floats(bias.get()) : new float[0];
    int axis = axis(node);
    ChannelWeights weights =
        ChannelWeights.of(
            weight,
            axis,
            weightLimit,
            biases,
            inputScale,
            LARGEST_BIAS,
            means.getOrDefault(input, new float[0]));
    String name = node.getOutput(0) + "/weight";
    NodeProto.Builder builder =
        node.toBuilder()
            .clearInput()
            .addInput(restored.getOrDefault(input, input))
            .addInput(
                constant(name, DataType.INT8, weights.bytes(), weight, weights.scales(), axis));
    if (bias.isPresent()) {
      float[] scales = weights.scales().clone();
      for (int i = 0; i < scales.length; i++) {
        scales[i] *= inputScale;
      }
      builder.addInput(
          constant(
              node.getOutput(0) + "/bias", DataType.INT32, weights.bias(), bias.get(), scales, 0));
    }
    return builder.build();
  }

  /** Integers and the node that restores them, one scale per channel. */
  private String constant(
      String name, DataType type, ByteBuffer data, TensorProto shape, float[] scales, int axis) {
    long[] dims = shape.getDimsList().stream().mapToLong(Long::longValue).toArray();
    String bytes = add(Tensors.of(name + "/bytes", type, data, dims));
    String scale = add(Tensors.ofFloats(name + "/scale", scales, scales.length));
    result.addNode(
        node("DequantizeLinear", List.of(bytes, scale), name)
            .addAttribute(attribute("axis", axis)));
    return name;
  }

  /** Axis of a layer's output channels in its weight. */
  static int axis(NodeProto node) {
    boolean transposed =
        node.getAttributeList().stream()
            .anyMatch(a -> a.getName().equals("transB") && a.getI() == 1);
    return node.getOpType().equals("Conv") || transposed ? 0 : 1;
  }
}
