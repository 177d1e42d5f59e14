package io.maskstream.inference;

import io.maskstream.frame.ClassTable;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.ModelWriter;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Bundles of small untrained networks, for tests of what is around a model. */
public final class TestBundles {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;

  private TestBundles() {}

  /** Writes a bundle; equal seeds give equal weights. */
  public static Path write(Path folder, String id, String version, long seed) throws IOException {
    return write(folder, id, version, seed, ClassTable.camvid11());
  }

  /** The same with other classes. */
  public static Path write(Path folder, String id, String version, long seed, ClassTable table)
      throws IOException {
    SegmentationNetwork network = new SegmentationNetwork(NetworkConfig.small(table.size()));
    ModelWriter writer = new ModelWriter(network, Parameters.initial(network.parameters(), seed));
    ModelCard card =
        new ModelCard(
            id,
            version,
            network.config().head().kind().label(),
            table.id(),
            ModelCard.entries(table),
            WIDTH,
            HEIGHT,
            SegmentationNetwork.STRIDE,
            network.config().features(),
            1,
            "none",
            "untrained",
            "",
            "",
            Map.of(),
            0,
            Map.of(),
            ModelCard.NOT_MEASURED,
            ModelCard.EXACT_WEIGHT_BITS,
            ModelCard.NO_THRESHOLD);
    BundleWriter.write(folder, card, writer.write(HEIGHT, WIDTH, Map.of()));
    return folder;
  }

  /** A table that is not CamVid's. */
  public static ClassTable otherTable() {
    return new ClassTable("other", List.copyOf(ClassTable.camvid11().classes().subList(0, 5)));
  }

  /** A bundle whose labels are 255 everywhere, and counted in no class. */
  public static Path writeVoid(Path folder) throws IOException {
    write(folder, "void", "1", 1);
    Path file = folder.resolve(ModelBundle.GRAPH);
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    graph.removeOutput(output(graph, "logits")); // labels are made of them where they are there
    constant(graph, "labels", 255, "Max");
    constant(graph, "pixels", 0, "Min");
    Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
    BundleWriter.seal(folder);
    return folder;
  }

  private static int output(GraphProto.Builder graph, String name) {
    return graph.getOutputList().stream().map(ValueInfoProto::getName).toList().indexOf(name);
  }

  /** An output's largest or smallest value, with a constant. */
  private static void constant(GraphProto.Builder graph, String name, int value, String type) {
    ValueInfoProto output = graph.getOutput(output(graph, name));
    for (NodeProto.Builder node : graph.getNodeBuilderList()) {
      if (node.getOutput(0).equals(name)) {
        node.setOutput(0, name + "/before");
      }
    }
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name + "/constant")
            .setDataType(output.getType().getTensorType().getElemType())
            .addInt32Data(value));
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(type)
            .addInput(name + "/before")
            .addInput(name + "/constant")
            .addOutput(name));
  }
}
