package io.maskstream.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.onnx.ForeignModel.Adopted;
import io.maskstream.onnx.ForeignModel.Settings;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.ValueInfoProto;
import io.maskstream.synthetic.SyntheticStreet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tiny graphs that PyTorch exported; src/test/resources/foreign/export.py made them. */
class ForeignModelTest {
  private static final Path FOLDER = Path.of("src/test/resources/foreign");
  private static final int WIDTH = 48;
  private static final int HEIGHT = 32;
  private static final int CLASSES = 5;

  private static Settings settings(OptionalInt classes, int width, int height) {
    return new Settings(
        PixelScale.imageNet(),
        Optional.empty(),
        height,
        width,
        Optional.empty(),
        classes,
        0,
        List.of());
  }

  private static List<byte[]> pictures() {
    SyntheticStreet street = new SyntheticStreet(2, WIDTH, HEIGHT);
    return List.of(
        street.at(Duration.ZERO).picture().rgb(),
        street.at(Duration.ofSeconds(7)).picture().rgb(),
        street.at(Duration.ofSeconds(13)).picture().rgb());
  }

  private static Adopted adopt(String name, Settings settings) throws IOException {
    return ForeignModel.read(FOLDER.resolve(name + ".onnx"), settings).adopt(pictures(), Map.of());
  }

  /** D is 1 where there are no prototypes; batch 0 is any. */
  @ParameterizedTest
  @CsvSource({
    "conv, 5, 6, 4, 0",
    "resized-opset9, 5, 6, 4, 0",
    "resized-opset10, 5, 6, 4, 0",
    "resized-opset11, 5, 6, 4, 0",
    "resized-opset13, 5, 6, 4, 0",
    "resized-opset18, 5, 6, 4, 0",
    "resized-opset20, 5, 6, 4, 0",
    "corners, 5, 6, 4, 0",
    "argmax, 5, 6, 4, 0",
    "softmax, 5, 6, 4, 0",
    "threshold, 2, 1, 1, 0",
    "binary, 2, 1, 4, 0",
    "three-by-three, 5, 1, 4, 0",
    "bytes-nhwc, 5, 6, 4, 0",
    "half, 5, 6, 4, 0",
    "tokens, 5, 6, 4, 0",
    "sum, 5, 14, 4, 0",
    "queries, 5, 1, 4, 0",
    "fixed-batch, 5, 8, 4, 1",
    "dynamo, 5, 6, 4, 0"
  })
  void adopt_foreignGraph_givesItsLabels(
      String name, int classes, int features, int stride, int batch) throws Exception {
    Adopted adopted = adopt(name, settings(OptionalInt.of(classes), WIDTH, HEIGHT));
    assertThat(adopted.classes()).isEqualTo(classes);
    assertThat(adopted.features()).isEqualTo(features);
    assertThat(adopted.prototypes()).isEqualTo(features > 1);
    assertThat(adopted.stride()).isEqualTo(stride);
    assertThat(adopted.batch()).isEqualTo(batch);
    assertThat(adopted.agreement()).isGreaterThanOrEqualTo(ForeignModel.LEAST_AGREEMENT);
    Map<String, GraphRun.Value> outputs = run(adopted, pictures().get(0), new float[0], 0);
    float[] labels = values(outputs, "labels");
    float[] pixels = values(outputs, "pixels");
    float[] confidence = values(outputs, "confidence");
    assertThat(distinct(labels)).as("a graph of one label proves nothing").isGreaterThan(1);
    for (int k = 0; k < classes; k++) {
      assertThat(pixels[k]).isEqualTo(count(labels, k));
      assertThat(confidence[k]).isBetween(0f, 1f);
    }
    assertThat(values(outputs, "prototypes")).hasSize(classes * features);
  }

  /** Labels that are made outside of the graph need logits at the stride. */
  @ParameterizedTest
  @CsvSource({
    "conv, true", // at the stride as it is
    "resized-opset13, true", // before the resize
    "resized-opset9, false", // other corners than ours
    "corners, false",
    "three-by-three, true",
    "queries, false" // shares, no logits
  })
  void adopt_logitsAtTheStride_leaveTheGraph(String name, boolean leave) throws Exception {
    Adopted adopted = adopt(name, settings(OptionalInt.of(CLASSES), WIDTH, HEIGHT));
    GraphRun.Value logits = run(adopted, pictures().get(0), new float[0], 0).get("logits");
    assertThat(logits != null).isEqualTo(leave);
    if (logits != null) {
      assertThat(logits.shape()).containsExactly(1, CLASSES, HEIGHT / 4, WIDTH / 4);
    }
  }

  /** A graph of the folder with more nodes behind its only output. */
  private static Path extended(Path folder, String name, List<NodeProto> more) throws IOException {
    ModelProto model = OnnxFile.read(FOLDER.resolve(name + ".onnx"));
    String end = more.get(more.size() - 1).getOutput(0);
    GraphProto.Builder graph =
        model.getGraph().toBuilder()
            .addAllNode(more)
            .addInitializer(Tensors.ofFloats("twice", new float[] {1, 1, 2, 2}, 4))
            .clearOutput()
            .addOutput(ValueInfoProto.newBuilder().setName(end));
    Path file = folder.resolve(name + ".onnx");
    Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
    return file;
  }

  private static String output(String name) throws IOException {
    return OnnxFile.read(FOLDER.resolve(name + ".onnx")).getGraph().getOutput(0).getName();
  }

  private static NodeProto node(String type, String input, String output) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(type).addInput(input);
    if (type.equals("Resize")) {
      node.addInput("").addInput("twice");
      node.addAttribute(GraphBuilder.attribute("mode", "linear"));
    }
    if (type.equals("Softmax")) {
      node.addAttribute(GraphBuilder.attribute("axis", 1));
    }
    return node.addOutput(output).build();
  }

  /** Probabilities that a graph resizes are no logits: half of them is the threshold. */
  @ParameterizedTest
  @CsvSource({"conv, Softmax, 5", "conv, Sigmoid, 5", "binary, Identity, 2"})
  void adopt_probabilitiesBeforeAResize_givesItsLabels(
      String name, String type, int classes, @TempDir Path folder) throws Exception {
    List<NodeProto> more =
        List.of(
            node(type, output(name), "p"), node("Resize", "p", "p2"), node("Resize", "p2", "p4"));
    Adopted adopted =
        ForeignModel.read(
                extended(folder, name, more), settings(OptionalInt.of(classes), WIDTH, HEIGHT))
            .adopt(pictures(), Map.of());
    assertThat(adopted.logits()).contains("probabilit", "'p4'");
    assertThat(adopted.stride()).isEqualTo(1);
    Map<String, GraphRun.Value> outputs = run(adopted, pictures().get(0), new float[0], 0);
    assertThat(outputs).doesNotContainKey("logits");
    assertThat(distinct(values(outputs, "labels"))).isGreaterThan(1);
    float[] before =
        values(
            run(
                adopt(name, settings(OptionalInt.of(classes), WIDTH, HEIGHT)),
                pictures().get(0),
                new float[0],
                0),
            "confidence");
    float[] after = values(outputs, "confidence");
    for (int k = 0; k < classes; k++) {
      assertThat(after[k]).as("confidence of class %d", k).isCloseTo(before[k], within(0.15f));
    }
  }

  @Test
  void adopt_ofSeveralOutputs_namesThoseThatFitAsWell(@TempDir Path folder) throws Exception {
    ModelProto model = OnnxFile.read(FOLDER.resolve("argmax.onnx"));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    Optional<NodeProto> decision = // labels, and the scores that they are taken from
        graph.getNodeList().stream().filter(n -> n.getOpType().equals("ArgMax")).findFirst();
    String scores = decision.orElseThrow().getInput(0);
    graph
        .addOutput(ValueInfoProto.newBuilder().setName(scores))
        .addNode(node("Neg", scores, "auxiliary"))
        .addOutput(ValueInfoProto.newBuilder().setName("auxiliary"));
    Path file = folder.resolve("heads.onnx");
    Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
    Settings settings = settings(OptionalInt.of(CLASSES), WIDTH, HEIGHT);
    assertThat(ForeignModel.read(file, settings).adopt(pictures(), Map.of()).logits())
        .endsWith(
            "(of the graph's outputs [auxiliary] could be class scores, too; --logits names one)");
    assertThat(adopt("argmax", settings).logits()).doesNotContain("too");
  }

  @Test
  void adopt_logitsResizedTwice_leaveTheGraphBeforeTheLastResize(@TempDir Path folder)
      throws Exception {
    List<NodeProto> more =
        List.of(node("Resize", output("conv"), "half"), node("Resize", "half", "whole"));
    Adopted adopted =
        ForeignModel.read(
                extended(folder, "conv", more), settings(OptionalInt.of(CLASSES), WIDTH, HEIGHT))
            .adopt(pictures(), Map.of());
    assertThat(adopted.prototypes()).isTrue();
    assertThat(adopted.stride()).isEqualTo(2);
    assertThat(
            Objects.requireNonNull(run(adopted, pictures().get(0), new float[0], 0).get("logits"))
                .shape())
        .containsExactly(1, CLASSES, HEIGHT / 2, WIDTH / 2);
  }

  @Test
  void adopt_withoutClassTable_countsTheClasses() throws Exception {
    assertThat(adopt("resized-opset13", settings(OptionalInt.empty(), 0, 0)).classes())
        .isEqualTo(CLASSES);
  }

  @Test
  void memory_ofTheFixedPrototypes_changesNothing() throws Exception {
    Adopted adopted = adopt("resized-opset13", settings(OptionalInt.of(CLASSES), 0, 0));
    byte[] picture = pictures().get(1);
    Map<String, GraphRun.Value> cold = run(adopted, picture, new float[0], 0);
    Map<String, GraphRun.Value> warm = run(adopted, picture, fixedPrototypes(), 1);
    assertThat(values(warm, "agreement")[0]).isGreaterThan(0.99f);
    assertThat(values(cold, "agreement")[0]).isZero();
    assertThat(values(warm, "labels")).isEqualTo(values(cold, "labels"));
  }

  @Test
  void memory_ofOneClassForAll_makesAllPixelsAlike() throws Exception {
    Adopted adopted = adopt("conv", settings(OptionalInt.of(CLASSES), WIDTH, HEIGHT));
    float[] bank = new float[CLASSES * adopted.features()];
    Map<String, GraphRun.Value> outputs = run(adopted, pictures().get(0), bank, 1);
    // with vectors of zeros only the biases are left, and the largest wins everywhere
    assertThat(distinct(values(outputs, "labels"))).isEqualTo(1);
  }

  @Test
  void prototypes_areOfUnitLength_andEvidenceIsAShare() throws Exception {
    Adopted adopted = adopt("tokens", settings(OptionalInt.of(CLASSES), 0, 0));
    Map<String, GraphRun.Value> outputs = run(adopted, pictures().get(0), new float[0], 0);
    float[] prototypes = values(outputs, "prototypes");
    for (int k = 0; k < CLASSES; k++) {
      double squares = 0;
      for (int d = 0; d < adopted.features(); d++) {
        squares += Math.pow(prototypes[k * adopted.features() + d], 2);
      }
      assertThat(squares).isBetween(0.999, 1.001);
    }
    double total = 0;
    for (float share : values(outputs, "evidence")) {
      total += share;
    }
    assertThat(total).isBetween(0.999, 1.001);
  }

  /** Logits before a resize, at full size, in rows of tokens, and one score. */
  @ParameterizedTest
  @CsvSource({"conv, 5", "resized-opset13, 5", "corners, 5", "tokens, 5", "binary, 2"})
  void offsets_decideWithTheLogits(String name, int classes) throws Exception {
    List<Double> offsets = new ArrayList<>(Collections.nCopies(classes, 0.0));
    offsets.set(1, 1e3);
    Settings plain = settings(OptionalInt.of(classes), WIDTH, HEIGHT);
    Settings shifted =
        new Settings(
            plain.scale(),
            plain.layout(),
            HEIGHT,
            WIDTH,
            plain.logits(),
            plain.classes(),
            0,
            offsets);
    Map<String, GraphRun.Value> outputs =
        run(adopt(name, shifted), pictures().get(0), new float[0], 0);
    assertThat(distinct(values(outputs, "labels"))).isEqualTo(1);
    assertThat(values(outputs, "pixels")[1]).isEqualTo(WIDTH * HEIGHT);
    assertThat(values(outputs, "confidence")[1]).isGreaterThan(0.99f);
  }

  @Test
  void adaptation_movesTheLogits() throws Exception {
    Settings plain = settings(OptionalInt.of(CLASSES), 0, 0);
    Settings adapting =
        new Settings(
            plain.scale(), plain.layout(), 0, 0, plain.logits(), plain.classes(), 0.9, List.of());
    byte[] picture = pictures().get(0);
    float[] before = values(run(adopt("sum", plain), picture, new float[0], 0), "confidence");
    float[] after = values(run(adopt("sum", adapting), picture, new float[0], 0), "confidence");
    assertThat(after).isNotEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "conv            | 5  | 0  | 0  | the graph takes pictures of any height; choose one with --input-size",
        "sum             | 5  | 64 | 64 | the graph takes pictures of height 32 only, --input-size says 64",
        "classifier      | 5  | 0  | 0  | this is no segmentation network",
        "resized-opset13 | 19 | 0  | 0  | no output has a score for each of the 19 classes and each pixel of 48×32: the graph gives [scores [1, 5, 32, 48]]",
      })
  void adopt_whatDoesNotFit_isRefusedWithItsReason(
      String name, int classes, int width, int height, String message) {
    assertThatThrownBy(() -> adopt(name, settings(OptionalInt.of(classes), width, height)))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining(message);
  }

  @Test
  void read_truncatedFile_saysSo(@TempDir Path folder) throws Exception {
    byte[] whole = Files.readAllBytes(FOLDER.resolve("sum.onnx"));
    Path file = folder.resolve("cut.onnx");
    for (int length : new int[] {whole.length / 3, whole.length - 5}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ForeignModel.read(file, settings(OptionalInt.of(5), 0, 0)))
          .isInstanceOf(GraphException.class)
          .hasMessageContaining("truncated or not an ONNX model");
    }
  }

  @Test
  void read_otherFiles_saysWhatTheyAre(@TempDir Path folder) throws Exception {
    Path checkpoint = Files.write(folder.resolve("a.onnx"), new byte[] {'P', 'K', 3, 4});
    assertThatThrownBy(() -> ForeignModel.read(checkpoint, settings(OptionalInt.of(5), 0, 0)))
        .hasMessageContaining("PyTorch checkpoint");
    Path alone = folder.resolve("dynamo.onnx");
    Files.copy(FOLDER.resolve("dynamo.onnx"), alone);
    assertThatThrownBy(() -> ForeignModel.read(alone, settings(OptionalInt.of(5), 0, 0)))
        .hasMessageContaining("keeps its weights in dynamo.onnx.data, which is missing");
  }

  @Test
  void read_operatorSetTooOld_saysSo() {
    ModelProto.Builder model = ModelProto.newBuilder();
    model.addOpsetImportBuilder().setVersion(6);
    assertThatThrownBy(() -> OpsetUpgrade.upgrade(model.build()))
        .hasMessageContaining("operator set 6; sets from 7 on");
  }

  private static float[] fixedPrototypes() throws Exception {
    ModelProto model = OnnxFile.read(FOLDER.resolve("resized-opset13.onnx"));
    LastLayer layer =
        LastLayer.before(new OnnxGraph(model.getGraph()), "scores", CLASSES).orElseThrow();
    float[] unit = layer.weight();
    for (int k = 0; k < CLASSES; k++) {
      double squares = 0;
      for (int d = 0; d < layer.depth(); d++) {
        squares += Math.pow(unit[k * layer.depth() + d], 2);
      }
      for (int d = 0; d < layer.depth(); d++) {
        unit[k * layer.depth() + d] /= (float) Math.sqrt(squares);
      }
    }
    return unit;
  }

  /** One picture; an empty bank is zeros. */
  private static Map<String, GraphRun.Value> run(
      Adopted adopted, byte[] picture, float[] bank, float trust) throws Exception {
    int classes = adopted.classes();
    float[] bytes = new float[picture.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = picture[i] & 0xFF;
    }
    float[] trusts = new float[classes];
    Arrays.fill(trusts, trust);
    float[] vectors = bank.length == 0 ? new float[classes * adopted.features()] : bank;
    try (GraphRun run = GraphRun.of(ModelProto.parseFrom(adopted.graph()), List.of(), 1)) {
      return run.run(
          Map.of(
              "image", new GraphRun.Value(new long[] {1, HEIGHT, WIDTH, 3}, bytes),
              "prior", new GraphRun.Value(new long[] {1, classes, adopted.features()}, vectors),
              "trust", new GraphRun.Value(new long[] {1, classes}, trusts)));
    }
  }

  private static float[] values(Map<String, GraphRun.Value> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name)).values();
  }

  private static int distinct(float[] labels) {
    boolean[] seen = new boolean[256];
    int distinct = 0;
    for (float label : labels) {
      distinct += seen[(int) label] ? 0 : 1;
      seen[(int) label] = true;
    }
    return distinct;
  }

  private static float count(float[] labels, int id) {
    float count = 0;
    for (float label : labels) {
      count += label == id ? 1 : 0;
    }
    return count;
  }
}
