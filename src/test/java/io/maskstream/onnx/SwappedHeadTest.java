package io.maskstream.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.network.HeadConfig;
import io.maskstream.network.Parameters;
import io.maskstream.onnx.SwappedHead.Variant;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.OperatorSetIdProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network of two layers: 3×3 to eight features, 1×1 to five classes, on pictures of 6×4. */
class SwappedHeadTest {
  private static final int CLASSES = 5;
  private static final int FEATURES = 8;
  private static final int HEIGHT = 4;
  private static final int WIDTH = 6;
  private static final int PIXELS = HEIGHT * WIDTH;
  private static final long TRUNK = FEATURES * 27L;
  private static final Variant SSA = new Variant(HeadConfig.ssa(), false);
  private static final Variant SSA_WITH_MEMORY = new Variant(HeadConfig.ssa(), true);
  private static final Variant PROTOSEG = new Variant(HeadConfig.protoSeg(3), false);

  @TempDir private Path folder;

  private static float[] random(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private SwappedHead network(Map<String, String> metadata) throws IOException {
    GraphBuilder graph = new GraphBuilder("tiny");
    OnnxOps ops = new OnnxOps(graph, new Parameters(Map.of(), Map.of()));
    OnnxValue x = graph.input("picture", DataType.FLOAT, 1, 3, HEIGHT, WIDTH);
    OnnxValue first = graph.floats("first", random((int) TRUNK, 1), FEATURES, 3, 3, 3);
    OnnxValue features =
        ops.relu(
            graph.node(
                "Conv",
                List.of(x, first),
                List.of(GraphBuilder.attribute("pads", new long[] {1, 1, 1, 1})),
                1,
                FEATURES,
                HEIGHT,
                WIDTH));
    OnnxValue last = graph.floats("last", random(CLASSES * FEATURES, 2), CLASSES, FEATURES, 1, 1);
    OnnxValue bias = graph.floats("bias", random(CLASSES, 3), CLASSES);
    OnnxValue scores =
        graph.node("Conv", List.of(features, last, bias), List.of(), 1, CLASSES, HEIGHT, WIDTH);
    return written(graph, scores, metadata);
  }

  private SwappedHead written(GraphBuilder graph, OnnxValue scores, Map<String, String> metadata)
      throws IOException {
    // The classifier's own output, as exporters write it: no Identity behind it.
    GraphProto.Builder body = graph.build().toBuilder();
    body.addOutput(ValueInfoProto.newBuilder().setName(scores.name()).build());
    OperatorSetIdProto set = OperatorSetIdProto.newBuilder().setVersion(ModelWriter.OPSET).build();
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(ModelWriter.IR_VERSION)
            .addOpsetImport(set)
            .setGraph(OnnxGraph.withoutDeadNodes(body.build(), Set.of()));
    metadata.forEach((key, value) -> model.addMetadataPropsBuilder().setKey(key).setValue(value));
    Path file = folder.resolve("tiny.onnx");
    Files.write(file, model.build().toByteArray());
    return SwappedHead.read(file);
  }

  private static Map<String, GraphRun.Value> run(MeasuredGraph graph) throws IOException {
    Map<String, GraphRun.Value> inputs = new LinkedHashMap<>();
    for (var input : graph.model().getGraph().getInputList()) {
      long[] shape = PictureInput.shape(input);
      int count = 1;
      for (long length : shape) {
        count *= (int) length;
      }
      inputs.put(
          input.getName(),
          new GraphRun.Value(shape, shape.length == 4 ? random(count, 7) : new float[count]));
    }
    try (GraphRun run = GraphRun.of(graph.model(), List.of(), 1)) {
      return run.run(inputs);
    }
  }

  @Test
  void read_findsTheLastLayer() throws IOException {
    SwappedHead network = network(Map.of());

    assertThat(network.classes()).isEqualTo(CLASSES);
    assertThat(network.features()).isEqualTo(FEATURES);
  }

  @Test
  void plain_countsTheGraphsNumbersAndProducts() throws IOException {
    MeasuredGraph plain = network(Map.of()).plain();

    assertThat(plain.parameters()).isEqualTo(TRUNK + CLASSES * FEATURES + CLASSES);
    assertThat(plain.multiplyAdds()).isEqualTo(PIXELS * (TRUNK + CLASSES * FEATURES));
    assertThat(network(Map.of()).plainAlone().multiplyAdds())
        .isEqualTo((long) PIXELS * CLASSES * FEATURES);
  }

  @Test
  void parameters_ofTheMetadata_comeBeforeTheGraphs() throws IOException {
    SwappedHead network = network(Map.of("parameters", "1000"));

    assertThat(network.plain().parameters()).isEqualTo(1000);
    assertThat(network.with(PROTOSEG).parameters())
        .isEqualTo(1000 - CLASSES * FEATURES - CLASSES + 2 * FEATURES + 2 * CLASSES);
  }

  /** ProtoSeg without memory: one product of every pixel with every prototype. */
  @Test
  void protoSeg_costsOneProductPerPrototype() throws IOException {
    SwappedHead network = network(Map.of());

    long products = (long) PIXELS * 3 * CLASSES * FEATURES;
    assertThat(network.with(PROTOSEG).multiplyAdds()).isEqualTo(PIXELS * TRUNK + products);
    assertThat(network.alone(PROTOSEG).multiplyAdds()).isEqualTo(products);
    assertThat(network.alone(PROTOSEG).parameters()).isEqualTo(2 * FEATURES + 2 * CLASSES);
  }

  @Test
  void memory_addsTheProductWithWhatIsRemembered() throws IOException {
    SwappedHead network = network(Map.of());

    assertThat(network.with(SSA_WITH_MEMORY).multiplyAdds() - network.with(SSA).multiplyAdds())
        .isEqualTo((long) PIXELS * CLASSES * FEATURES);
    assertThat(network.with(SSA).model().getGraph().getInputList())
        .extracting(input -> input.getName())
        .containsExactly("pixels");
    assertThat(run(network.with(SSA_WITH_MEMORY)))
        .containsOnlyKeys("scores", "prototypes", "evidence", "agreement");
  }

  @Test
  void withoutMemory_theScoresAreThoseOfNoTrust() throws IOException {
    SwappedHead network = network(Map.of());

    for (HeadConfig head : List.of(HeadConfig.ssa(), HeadConfig.protoSeg(3))) {
      float[] cold = scores(network.with(new Variant(head, false)));
      float[] warm = scores(network.with(new Variant(head, true)));
      assertThat(cold).hasSize(CLASSES * PIXELS);
      assertThat(cold).containsExactly(warm, within(1e-4f));
    }
  }

  private static float[] scores(MeasuredGraph graph) throws IOException {
    return Objects.requireNonNull(run(graph).get("scores")).values();
  }

  @Test
  void read_ofAGraphThatEndsInAnotherLayer_isRefused() {
    GraphBuilder graph = new GraphBuilder("other");
    OnnxOps ops = new OnnxOps(graph, new Parameters(Map.of(), Map.of()));
    OnnxValue x = graph.input("picture", DataType.FLOAT, 1, 3, HEIGHT, WIDTH);

    assertThatThrownBy(() -> written(graph, ops.relu(x), Map.of()))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("must have one input, and a 1×1 convolution as its last layer");
  }

  @Test
  void costs_comeInTheOrderOfTheGraphs() throws IOException {
    SwappedHead network = network(Map.of());

    List<PassCosts> costs = PassCosts.of(List.of(network.plain(), network.with(SSA)), 1, 3);

    assertThat(costs).hasSize(2);
    assertThat(costs.get(0).extraMillis()).isZero();
    assertThat(costs.get(0).ratio()).isEqualTo(1);
    assertThat(costs.get(1).millis()).isPositive();
  }

  @Test
  void median_ofAnEvenNumber_isTheMiddle() {
    assertThat(PassCosts.median(new double[] {4, 1, 3, 9})).isEqualTo(3.5);
    assertThat(PassCosts.median(new double[] {9, 1, 3})).isEqualTo(3);
  }
}
