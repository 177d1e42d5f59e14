package io.maskstream.onnx;

import io.maskstream.network.FrozenTrunk;
import io.maskstream.network.HeadConfig;
import io.maskstream.network.HeadOutput;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.ParameterSpec;
import io.maskstream.network.Parameters;
import io.maskstream.network.Prior;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.StringStringEntryProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A foreign network whose last layer, a 1×1 convolution, can be replaced by a head of ours, to
 * measure what the head costs. Weights of the heads are random.
 */
public final class SwappedHead {

  /** Metadata with the count of the network's parameters. */
  private static final String PARAMETERS = "parameters";

  private static final String SCORES = "scores";
  private static final long SEED = 1;

  private final ModelProto model;
  private final LastLayer layer;
  private final ValueInfoProto input;
  private final long[] map; // [1, D, h, w]

  private SwappedHead(ModelProto model, LastLayer layer, ValueInfoProto input, long[] map) {
    this.model = model;
    this.layer = layer;
    this.input = input;
    this.map = map;
  }

  /**
   * What a head is written for.
   *
   * @param head kind and size
   * @param memory whether it takes a camera's memory and gives what to remember; without, it is the
   *     paper's head and gives scores alone
   */
  public record Variant(HeadConfig head, boolean memory) {}

  /** Reads a graph of one input of a fixed shape whose output is a 1×1 convolution's. */
  public static SwappedHead read(Path file) throws IOException {
    ModelProto model = OpsetUpgrade.upgrade(OnnxFile.read(file));
    OnnxGraph graph = new OnnxGraph(model.getGraph());
    String output = model.getGraph().getOutput(0).getName();
    Optional<LastLayer> layer = lastLayer(graph, output);
    if (layer.isEmpty() || graph.inputs().size() != 1) {
      throw new GraphException(
          file + " must have one input, and a 1×1 convolution as its last layer");
    }
    String features = layer.get().parts().get(0).features();
    long[] map;
    try (GraphRun run = GraphRun.of(model, List.of(features), 1)) {
      map = run.shapes().getOrDefault(features, new long[0]);
    }
    if (map.length != 4 || map[0] != 1 || map[2] < 1 || map[3] < 1) {
      throw new GraphException(file + " must be of one picture of a fixed size");
    }
    return new SwappedHead(model, layer.get(), graph.inputs().get(0), map);
  }

  private static Optional<LastLayer> lastLayer(OnnxGraph graph, String output)
      throws GraphException {
    Optional<NodeProto> node = graph.producer(output);
    if (node.isEmpty() || !node.get().getOpType().equals("Conv")) {
      return Optional.empty();
    }
    Optional<TensorProto> weight = graph.constant(node.get().getInput(1));
    return weight.isPresent()
        ? LastLayer.before(graph, output, (int) weight.get().getDims(0))
        : Optional.empty();
  }

  /** K. */
  public int classes() {
    return layer.bias().length;
  }

  /** D. */
  public int features() {
    return layer.depth();
  }

  /** The network as it is. */
  public MeasuredGraph plain() throws GraphException {
    return new MeasuredGraph(model, parameters(), MultiplyAdds.of(model));
  }

  /** Its last layer alone, on features. */
  public MeasuredGraph plainAlone() throws GraphException {
    GraphProto.Builder graph =
        model.getGraph().toBuilder().clearInput().addInput(featuresInput()).clearValueInfo();
    ModelProto alone =
        model.toBuilder().setGraph(OnnxGraph.withoutDeadNodes(onFeatures(graph), Set.of())).build();
    return new MeasuredGraph(alone, layerParameters(), MultiplyAdds.of(alone));
  }

  /** Without the node that makes the features, which are an input now. */
  private GraphProto onFeatures(GraphProto.Builder graph) {
    String features = layer.parts().get(0).features();
    List<NodeProto> others =
        graph.getNodeList().stream()
            .filter(node -> !node.getOutputList().contains(features))
            .toList();
    return graph.clearNode().addAllNode(others).build();
  }

  private ValueInfoProto featuresInput() {
    GraphBuilder declared = new GraphBuilder("features");
    declared.input(layer.parts().get(0).features(), DataType.FLOAT, map);
    return declared.build().getInput(0);
  }

  /** The network with a head in place of its last layer. */
  public MeasuredGraph with(Variant variant) throws GraphException {
    return written(variant, true);
  }

  /** The head alone, on features. */
  public MeasuredGraph alone(Variant variant) throws GraphException {
    return written(variant, false);
  }

  private MeasuredGraph written(Variant variant, boolean whole) throws GraphException {
    Place place = new Place(features(), (int) map[2], (int) map[3]);
    NetworkConfig config = NetworkConfig.onFrozen(place, classes()).withHead(variant.head());
    SegmentationNetwork network = new SegmentationNetwork(config, Optional.of(place));
    Parameters values = Parameters.initial(network.parameters(), SEED);
    GraphBuilder graph = new GraphBuilder("swapped");
    OnnxValue features = whole ? trunk(graph) : graph.input("features", DataType.FLOAT, map);
    OnnxValue open = new OnnxValue(features.name(), -1, map[1], map[2], map[3]);
    if (variant.memory()) {
      addWithMemory(graph, new OnnxOps(graph, values), network, open);
    } else {
      addWithoutMemory(graph, new ColdOps(graph, values), network, open);
    }
    ModelProto written =
        ModelWriter.unserialized(model.getOpsetImportList(), graph, Set.of(), Map.of());
    long head =
        network.parameters().stream()
            .filter(ParameterSpec::trained)
            .mapToLong(ParameterSpec::size)
            .sum();
    long others = whole ? parameters() - layerParameters() : 0;
    return new MeasuredGraph(written, others + head, MultiplyAdds.of(written));
  }

  /** Takes the foreign nodes over; the last layer goes with what nothing reads. */
  private OnnxValue trunk(GraphBuilder graph) {
    Graft graft = new Graft();
    graft.replace(
        input.getName(), graph.input("pixels", DataType.FLOAT, PictureInput.shape(input)));
    model.getGraph().getInitializerList().forEach(tensor -> graph.add(graft.constant(tensor)));
    model.getGraph().getNodeList().forEach(node -> graph.add(graft.node(node)));
    return new OnnxValue(graft.name(layer.parts().get(0).features()), map);
  }

  private void addWithoutMemory(
      GraphBuilder graph, ColdOps ops, SegmentationNetwork network, OnnxValue features) {
    int prototypes = network.prototypes();
    Prior<OnnxValue> none =
        new Prior<>(ops.zero(-1, prototypes, features()), ops.zero(-1, prototypes));
    addScores(graph, ops, network.classify(ops, features, none));
  }

  private void addWithMemory(
      GraphBuilder graph, OnnxOps ops, SegmentationNetwork network, OnnxValue features) {
    int prototypes = network.prototypes();
    OnnxValue bank = graph.input(ContractTensors.PRIOR, DataType.FLOAT, 1, prototypes, features());
    OnnxValue trust = graph.input(ContractTensors.TRUST, DataType.FLOAT, 1, prototypes);
    HeadOutput<OnnxValue> head = network.classify(ops, features, new Prior<>(bank, trust));
    addScores(graph, ops, head);
    graph.output(ContractTensors.PROTOTYPES, DataType.FLOAT, head.prototypes());
    graph.output(ContractTensors.EVIDENCE, DataType.FLOAT, head.evidence());
    graph.output(
        ContractTensors.AGREEMENT, DataType.FLOAT, new PriorAgreement(graph, ops).of(head, trust));
  }

  private void addScores(GraphBuilder graph, OnnxOps ops, HeadOutput<OnnxValue> head) {
    OnnxValue scores = ops.reshape(head.logits(), -1, classes(), map[2], map[3]);
    graph.output(SCORES, DataType.FLOAT, scores);
  }

  /** As the graph's maker counted them, or the floats that the graph holds. */
  private long parameters() {
    for (StringStringEntryProto entry : model.getMetadataPropsList()) {
      if (entry.getKey().equals(PARAMETERS)) {
        return Long.parseLong(entry.getValue());
      }
    }
    return model.getGraph().getInitializerList().stream()
        .filter(tensor -> tensor.getDataType() == DataType.FLOAT.getNumber())
        .mapToLong(Tensors::count)
        .sum();
  }

  private long layerParameters() {
    return (long) classes() * features() + classes();
  }

  /** Where the head stands; its features are never asked for. */
  private record Place(int depth, int rows, int columns) implements FrozenTrunk {
    @Override
    public String fingerprint() {
      return "measured";
    }

    @Override
    public float[] features(byte[] rgb, int pictures) {
      throw new UnsupportedOperationException("a graph that is only measured");
    }
  }
}
