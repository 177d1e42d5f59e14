package io.maskstream.onnx;

import ai.onnxruntime.OnnxJavaType;
import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A foreign network made ready to be built around: in our operator set, for one size of picture,
 * its logits the only outputs, what is fixed computed ahead, its last layer found.
 *
 * @param model what is left of the foreign model
 * @param logits its outputs
 * @param layer its last layer, where there is one
 * @param tensors the logits and the layer's tensors, for one picture
 * @param batch pictures per pass that it is fixed to; 0 for any number
 */
record ForeignBody(
    ModelProto model,
    ClassLogits logits,
    Optional<LastLayer> layer,
    Map<String, BodyTensor> tensors,
    int batch) {

  /** Type and shape of a tensor. */
  record BodyTensor(OnnxJavaType type, long[] shape) {}

  /** Ways to place samples that our own up-sampling shares. */
  private static final Set<String> HALF_PIXEL = Set.of("half_pixel", "pytorch_half_pixel");

  /** Largest difference of logits in a batch from those alone, by the logits' largest value. */
  private static final double TOLERANCE = 1e-3;

  private static final Logger log = LoggerFactory.getLogger(ForeignBody.class);

  GraphProto graph() {
    return model.getGraph();
  }

  /** D of its prototypes; 1 without. */
  int features() {
    return layer.map(LastLayer::depth).orElse(1);
  }

  /**
   * The logits before the graph brings them to the size of the picture, where it does that as we
   * do: bilinearly between the centers of pixels.
   */
  Optional<String> coarse() {
    return coarse(new OnnxGraph(graph()), logits);
  }

  private static Optional<String> coarse(OnnxGraph graph, ClassLogits logits) {
    return logits.kind() != ClassLogits.Kind.PLANES
        ? Optional.empty()
        : graph
            .producer(logits.tensor())
            .filter(node -> node.getOpType().equals("Resize") && isBilinear(node))
            .map(node -> node.getInput(0));
  }

  private static boolean isBilinear(NodeProto resize) {
    String mode = "nearest";
    String place = "half_pixel";
    boolean plain = true;
    for (AttributeProto attribute : resize.getAttributeList()) {
      switch (attribute.getName()) {
        case "mode" -> mode = attribute.getS().toStringUtf8();
        case "coordinate_transformation_mode" -> place = attribute.getS().toStringUtf8();
        case "antialias", "exclude_outside" -> plain &= attribute.getI() == 0;
        default -> {}
      }
    }
    return plain && mode.equals("linear") && HALF_PIXEL.contains(place);
  }

  /**
   * Makes a network ready.
   *
   * @param upgraded the model in our operator set, with its input declared for one picture
   * @param pictures two different ones of the input's size, H·W·3
   */
  static ForeignBody of(
      ModelProto upgraded, PictureInput input, ClassLogits logits, List<byte[]> pictures)
      throws IOException {
    ModelProto cut = cut(upgraded, logits);
    Optional<ModelProto> free = forAnyBatch(cut, input, logits, pictures);
    if (free.isEmpty() && input.batch() > 1) {
      throw new GraphException(
          "the graph takes %d pictures at once and no other number; export it for one picture or any number"
              .formatted(input.batch()));
    }
    ModelProto body =
        free.isPresent() ? free.get() : GraphSimplifier.simplify(input.declared(cut, 1));
    OnnxGraph graph = new OnnxGraph(body.getGraph());
    boolean planes =
        logits.kind() == ClassLogits.Kind.PLANES || logits.kind() == ClassLogits.Kind.LAST_AXIS;
    Optional<LastLayer> layer =
        planes ? LastLayer.before(graph, logits.tensor(), logits.classes()) : Optional.empty();
    Map<String, BodyTensor> tensors =
        tensors(body, input, layer, coarse(graph, logits), pictures.get(0));
    return new ForeignBody(
        body, logits, layer.filter(l -> even(l, tensors)), tensors, free.isPresent() ? 0 : 1);
  }

  /** Only the logits as outputs. */
  private static ModelProto cut(ModelProto model, ClassLogits logits) {
    GraphProto.Builder graph = model.getGraph().toBuilder().clearOutput();
    logits.tensors().forEach(name -> graph.addOutput(ValueInfoProto.newBuilder().setName(name)));
    return model.toBuilder().setGraph(OnnxGraph.withoutDeadNodes(graph.build(), Set.of())).build();
  }

  /** The model for any number of pictures, where it gives each what it gives it alone. */
  private static Optional<ModelProto> forAnyBatch(
      ModelProto model, PictureInput input, ClassLogits logits, List<byte[]> pictures)
      throws IOException {
    try {
      ModelProto free =
          GraphSimplifier.simplify(input.declared(input.batch() == 0 ? model : unbound(model), 0));
      try (GraphRun run = GraphRun.of(free, List.of(), 1)) {
        Map<String, GraphRun.Value> both = run.run(input.values(pictures));
        for (int i = 0; i < pictures.size(); i++) {
          Map<String, GraphRun.Value> alone = run.run(input.values(List.of(pictures.get(i))));
          for (String name : logits.tensors()) {
            if (!isPart(both.get(name), alone.get(name), i)) {
              return Optional.empty();
            }
          }
        }
      }
      return Optional.of(free);
    } catch (GraphException e) {
      log.debug("the graph takes one picture at a time", e);
      return Optional.empty();
    }
  }

  private static boolean isPart(
      GraphRun.@Nullable Value both, GraphRun.@Nullable Value alone, int index) {
    if (both == null || alone == null) {
      return false;
    }
    float[] values = alone.values();
    int offset = index * values.length;
    if (both.values().length < offset + values.length) {
      return false;
    }
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < values.length; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
      difference = Math.max(difference, Math.abs(values[i] - both.values()[offset + i]));
    }
    return difference <= TOLERANCE * largest;
  }

  /** The model with the batch left open in reshapes that were written for one picture. */
  private static ModelProto unbound(ModelProto model) throws GraphException {
    OnnxGraph search = new OnnxGraph(model.getGraph());
    GraphProto.Builder graph = model.getGraph().toBuilder().clearNode();
    for (NodeProto node : model.getGraph().getNodeList()) {
      Optional<TensorProto> shape =
          node.getOpType().equals("Reshape") ? search.constant(node.getInput(1)) : Optional.empty();
      if (shape.isEmpty()) {
        graph.addNode(node);
        continue;
      }
      long[] lengths = Tensors.longs(shape.get());
      boolean free = Arrays.stream(lengths).anyMatch(length -> length == -1);
      if (lengths.length > 1 && lengths[0] > 0) {
        lengths[0] = free ? 0 : -1; // 0: as the input's first axis
      }
      String name = node.getOutput(0) + "/shape";
      graph.addInitializer(Tensors.ofLongs(name, lengths));
      graph.addNode(node.toBuilder().setInput(1, name));
    }
    return model.toBuilder().setGraph(graph).build();
  }

  private static Map<String, BodyTensor> tensors(
      ModelProto body,
      PictureInput input,
      Optional<LastLayer> layer,
      Optional<String> coarse,
      byte[] picture)
      throws GraphException {
    Set<String> inner = new LinkedHashSet<>(coarse.stream().toList());
    layer.ifPresent(
        l -> {
          inner.add(l.logits());
          l.parts().forEach(part -> inner.add(part.features()));
        });
    Map<String, BodyTensor> tensors = new LinkedHashMap<>();
    try (GraphRun run = GraphRun.of(body, inner, 1)) {
      Map<String, OnnxJavaType> types = run.types();
      run.run(input.values(List.of(picture)))
          .forEach(
              (name, value) ->
                  tensors.put(
                      name,
                      new BodyTensor(
                          types.getOrDefault(name, OnnxJavaType.UNKNOWN), value.shape())));
    }
    return tensors;
  }

  /** Whether all parts of a layer have the same pixels. */
  private static boolean even(LastLayer layer, Map<String, BodyTensor> tensors) {
    long pixels = count(tensors, layer.logits()) / layer.bias().length;
    return layer.parts().stream()
        .allMatch(part -> count(tensors, part.features()) == pixels * part.depth());
  }

  /** Shape of a tensor for one picture; the receiver's own. */
  long[] shape(String tensor) {
    return Objects.requireNonNull(tensors.get(tensor), tensor).shape().clone();
  }

  /** Type of a tensor. */
  OnnxJavaType type(String tensor) {
    return Objects.requireNonNull(tensors.get(tensor), tensor).type();
  }

  /** Numbers of a tensor, for one picture. */
  long numbers(String tensor) {
    return count(tensors, tensor);
  }

  private static long count(Map<String, BodyTensor> tensors, String tensor) {
    BodyTensor found = tensors.get(tensor);
    return found == null ? 0 : Arrays.stream(found.shape()).reduce(1, (a, b) -> a * b);
  }
}
