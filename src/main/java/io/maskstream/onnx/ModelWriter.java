package io.maskstream.onnx;

import io.maskstream.network.Backbone;
import io.maskstream.network.HeadOutput;
import io.maskstream.network.Parameters;
import io.maskstream.network.Prior;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.OperatorSetIdProto;
import io.maskstream.onnx.format.StringStringEntryProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.ValueInfoProto;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes a network as an ONNX model that meets the contract of {@code docs/models.md}: bytes and a
 * prior in; logits, labels, counts, confidences, prototypes, evidence and agreement out.
 *
 * <p>Labels and pixel counts are made at the size of the image, from logits resized bilinearly;
 * confidence and agreement at the output stride.
 */
public final class ModelWriter {

  /** ONNX operator set; reductions take their axes as input from 18 on. */
  static final int OPSET = 18;

  static final int IR_VERSION = 9;

  private final SegmentationNetwork network;
  private final Parameters parameters;

  public ModelWriter(SegmentationNetwork network, Parameters parameters) {
    parameters.requireAll(network.parameters());
    this.network = network;
    this.parameters = parameters;
  }

  /**
   * The serialised model.
   *
   * @param height of the image, pixels
   * @param width of the image, pixels
   * @param metadata key and value pairs kept in the file, beside the names of the tensors that
   *     {@link ExplainedGraph} shows
   */
  public byte[] write(int height, int width, Map<String, String> metadata) {
    GraphBuilder graph = new GraphBuilder("maskstream");
    Map<String, String> explained = fill(graph, height, width);
    Map<String, String> all = new TreeMap<>(metadata);
    all.putAll(explained);
    List<OperatorSetIdProto> sets =
        frozen()
            .map(FrozenFeatures::operatorSets)
            .orElse(List.of(OperatorSetIdProto.newBuilder().setVersion(OPSET).build()));
    return model(sets, graph, explained.values(), all);
  }

  /** A model of what a graph's outputs need, serialized. */
  static byte[] model(
      List<OperatorSetIdProto> sets,
      GraphBuilder graph,
      Collection<String> inner,
      Map<String, String> metadata) {
    return unserialized(sets, graph, inner, metadata).toByteArray();
  }

  /**
   * A model of what a graph's outputs need; shares its constants with the graph.
   *
   * @param inner names of tensors to keep beside the outputs
   */
  static ModelProto unserialized(
      List<OperatorSetIdProto> sets,
      GraphBuilder graph,
      Collection<String> inner,
      Map<String, String> metadata) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("maskstream")
            .addAllOpsetImport(sets)
            .setGraph(OnnxGraph.withoutDeadNodes(graph.build(), inner));
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }

  /**
   * Multiplications with addition that one image takes in convolutions and matrix products; twice
   * that is the usual count of floating-point operations.
   */
  public long multiplyAdds(int height, int width) throws IOException {
    ModelProto.Builder model = ModelProto.parseFrom(write(height, width, Map.of())).toBuilder();
    model.getGraphBuilder().getInputBuilderList().forEach(ModelWriter::ofOneImage);
    return MultiplyAdds.of(model.build());
  }

  private static void ofOneImage(ValueInfoProto.Builder input) {
    input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().getDimBuilder(0).setDimValue(1);
  }

  /**
   * Whether the graph of a network gives its logits, so that labels can be made outside of it: the
   * features of a frozen network must be smaller than the image by one stride.
   */
  public static boolean givesLogits(SegmentationNetwork network, int height, int width) {
    return network
        .frozen()
        .map(trunk -> ContractOutputs.isAtStride(trunk.rows(), trunk.columns(), height, width))
        .orElse(true);
  }

  private Optional<FrozenFeatures> frozen() {
    return network.frozen().map(FrozenFeatures.class::cast);
  }

  /** Builds the graph and returns the names of the tensors that explain a result, by meaning. */
  private Map<String, String> fill(GraphBuilder graph, int height, int width) {
    OnnxOps ops = new OnnxOps(graph, parameters);
    int prototypes = network.prototypes();
    int features = network.config().features();
    int fixed = frozen().map(FrozenFeatures::batch).orElse(0);
    long frames = fixed == 0 ? -1 : fixed;
    OnnxValue image = graph.input(ContractTensors.IMAGE, DataType.UINT8, frames, height, width, 3);
    OnnxValue bank =
        graph.input(ContractTensors.PRIOR, DataType.FLOAT, frames, prototypes, features);
    OnnxValue trust = graph.input(ContractTensors.TRUST, DataType.FLOAT, frames, prototypes);
    OnnxValue map =
        frozen()
            .map(trunk -> network.features(ops, trunk.write(graph, ops, image)))
            .orElseGet(() -> network.features(ops, normalised(ops, image)));
    HeadOutput<OnnxValue> head = network.classify(ops, map, new Prior<>(bank, trust));
    new ContractOutputs(graph, ops, network.config().classes()).add(head, map, height, width);
    OnnxValue agreement = new PriorAgreement(graph, ops).of(head, trust);
    graph.output(ContractTensors.PROTOTYPES, DataType.FLOAT, head.prototypes());
    graph.output(ContractTensors.EVIDENCE, DataType.FLOAT, head.evidence());
    graph.output(ContractTensors.AGREEMENT, DataType.FLOAT, agreement);
    return ExplainedGraph.names(head);
  }

  /** uint8 [B, H, W, 3] to float [B, 3, H, W] as the backbone takes it. */
  private static OnnxValue normalised(OnnxOps ops, OnnxValue image) {
    OnnxValue planes = ops.transpose(ops.floats(image), 0, 3, 1, 2);
    OnnxValue centred = ops.subtract(planes, ops.constant(Backbone.PIXEL_MEAN));
    return ops.multiply(centred, ops.constant(1 / Backbone.PIXEL_SCALE));
  }
}
