package io.maskstream.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.onnx.ForeignModel.Adopted;
import io.maskstream.onnx.ForeignModel.Settings;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.StringStringEntryProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.ValueInfoProto;
import io.maskstream.synthetic.SyntheticStreet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the outputs of a graph are taken for, by their names, types, shapes and values. */
class ForeignOutputsTest {
  private static final Path FOLDER = Path.of("src/test/resources/foreign");
  private static final int WIDTH = 48;
  private static final int HEIGHT = 32;

  @TempDir private Path folder;

  private static Settings settings(int classes) {
    return new Settings(
        PixelScale.imageNet(),
        Optional.empty(),
        HEIGHT,
        WIDTH,
        Optional.empty(),
        classes == 0 ? OptionalInt.empty() : OptionalInt.of(classes),
        0,
        List.of());
  }

  private static List<byte[]> pictures() {
    SyntheticStreet street = new SyntheticStreet(2, WIDTH, HEIGHT);
    List<byte[]> pictures = new ArrayList<>();
    for (int seconds : new int[] {0, 7, 13}) {
      pictures.add(street.at(Duration.ofSeconds(seconds)).picture().rgb());
    }
    return pictures;
  }

  /** A graph of the folder whose output is "source", with these nodes and outputs behind it. */
  private Adopted adopt(String name, int classes, List<NodeProto> nodes, String... outputs)
      throws IOException {
    ModelProto model = OnnxFile.read(FOLDER.resolve(name + ".onnx"));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    graph
        .addNode(node("Identity", graph.getOutput(0).getName()).addOutput("source"))
        .addAllNode(nodes)
        .addInitializer(Tensors.ofFloats("zero", new float[] {0}))
        .addInitializer(Tensors.ofFloats("half", new float[] {0.5f}))
        .addInitializer(Tensors.ofFloats("one", new float[] {1}))
        .addInitializer(Tensors.ofFloats("hundred", new float[] {100}))
        .addInitializer(Tensors.ofLongs("objects", 0, 15, -1))
        .addInitializer(Tensors.ofLongs("axis", 1))
        .clearOutput();
    for (String output : outputs) {
      graph.addOutput(ValueInfoProto.newBuilder().setName(output));
    }
    Path file = folder.resolve(name + ".onnx");
    Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
    return ForeignModel.read(file, settings(classes)).adopt(pictures(), Map.of());
  }

  private static NodeProto.Builder node(String type, String... inputs) {
    return NodeProto.newBuilder().setOpType(type).addAllInput(List.of(inputs));
  }

  private static NodeProto cast(String input, int type, String output) {
    return node("Cast", input)
        .addAttribute(GraphBuilder.attribute("to", type))
        .addOutput(output)
        .build();
  }

  /** Ids of a graph's scores, so that the scores cannot be found behind them. */
  private static List<NodeProto> ids(boolean axis, String factor, int type) {
    return List.of(
        node("ArgMax", "source")
            .addAttribute(GraphBuilder.attribute("axis", 1))
            .addAttribute(GraphBuilder.attribute("keepdims", axis ? 1 : 0))
            .addOutput("winner")
            .build(),
        cast("winner", DataType.FLOAT.getNumber(), "float"),
        node("Mul", "float", factor).addOutput("product").build(),
        cast("product", type, "mask"));
  }

  /** Types 1 float, 2 uint8, 3 int8, 5 int16, 7 int64, 11 double. */
  @ParameterizedTest
  @CsvSource({
    "resized-opset13, false, 1",
    "resized-opset13, true, 1",
    "resized-opset13, true, 2",
    "resized-opset13, true, 7",
    "resized-opset13, false, 3",
    "resized-opset13, false, 5",
    "resized-opset13, false, 11",
    "conv, false, 7", // at stride 4
    "conv, true, 1"
  })
  void adopt_idsOfAnyTypeAndShape_areLabels(String name, boolean axis, int type) throws Exception {
    Adopted adopted = adopt(name, 5, ids(axis, "one", type), "mask");
    assertThat(adopted.logits()).isEqualTo("labels 'mask'");
    assertThat(adopted.agreement()).isEqualTo(1);
    assertThat(adopted.stride()).isEqualTo(name.equals("conv") ? 4 : 1);
  }

  @ParameterizedTest
  @CsvSource({"false, 7", "true, 1", "true, 2"})
  void adopt_idsWithoutAClassTable_asksForOne(boolean axis, int type) {
    assertThatThrownBy(() -> adopt("resized-opset13", 0, ids(axis, "one", type), "mask"))
        .isInstanceOf(GraphException.class)
        .hasMessageStartingWith("the output mask [1, ")
        .hasMessageEndingWith(
            "gives class ids, which do not tell how many classes there are; name the classes with --classes");
  }

  /** Of pictures that show two of many classes. */
  @Test
  void adopt_idsOfZeroAndOne_doNotSayThatThereAreTwo() {
    List<NodeProto> nodes = new ArrayList<>(ids(false, "one", DataType.FLOAT.getNumber()));
    nodes.set(2, node("Min", "float", "one").addOutput("product").build());
    assertThatThrownBy(() -> adopt("resized-opset13", 0, nodes, "mask"))
        .isInstanceOf(GraphException.class)
        .hasMessageEndingWith("name the classes with --classes");
  }

  @ParameterizedTest
  @CsvSource({"1", "3", "9"}) // float, int8, boolean
  void adopt_comparison_isOneOfTwoClasses(int type) throws Exception {
    NodeProto above = node("Greater", "source", "half").addOutput("above").build();
    Adopted adopted = adopt("binary", 0, List.of(above, cast("above", type, "mask")), "mask");
    assertThat(adopted.logits()).isEqualTo("labels 'mask'");
    assertThat(adopted.classes()).isEqualTo(2);
  }

  @Test
  void adopt_idsOutsideTheClassTable_areRefusedWithTheValue() {
    assertThatThrownBy(
            () ->
                adopt(
                    "resized-opset13",
                    5,
                    ids(false, "hundred", DataType.INT64.getNumber()),
                    "mask"))
        .isInstanceOf(GraphException.class)
        .hasMessageMatching(
            "the labels 'mask' must be from 0 to 4, the ids of the class table; .* they have [1-4]00, .*");
  }

  private static NodeProto squeezed(String input) {
    return node("Squeeze", input, "axis").addOutput("mask").build();
  }

  private static NodeProto last(String input) {
    return node("Transpose", input)
        .addAttribute(GraphBuilder.attribute("perm", new long[] {0, 2, 3, 1}))
        .addOutput("mask")
        .build();
  }

  /** The source is a probability; minus a half, it is a score. */
  @ParameterizedTest
  @CsvSource({"0", "2"})
  void adopt_oneNumberPerPixel_isNoLabel(int classes) throws Exception {
    NodeProto score = node("Sub", "source", "half").addOutput("score").build();
    NodeProto share = node("Max", "source", "zero").addOutput("share").build();
    assertThat(adopt("binary", classes, List.of(score, squeezed("score")), "mask"))
        .satisfies(found -> assertThat(found.logits()).isEqualTo("one score per pixel 'mask'"))
        .satisfies(found -> assertThat(found.stride()).isEqualTo(4));
    assertThat(adopt("binary", classes, List.of(share, squeezed("share")), "mask").logits())
        .isEqualTo("one probability per pixel 'mask'");
    assertThat(adopt("binary", classes, List.of(score, last("score")), "mask").logits())
        .isEqualTo("one score per pixel 'mask'");
  }

  @Test
  void adopt_manyClassesOfFractions_areNoLabels() {
    NodeProto score = node("Sub", "source", "half").addOutput("score").build();
    assertThatThrownBy(() -> adopt("binary", 5, List.of(score, squeezed("score")), "mask"))
        .hasMessageContaining("no output has a score for each of the 5 classes");
  }

  @Test
  void adopt_scoresInDoubles_keepsTheLastLayer() throws Exception {
    Adopted adopted =
        adopt("conv", 5, List.of(cast("source", DataType.DOUBLE.getNumber(), "logits")), "logits");
    assertThat(adopted.prototypes()).isTrue();
    assertThat(adopted.agreement()).isEqualTo(1);
  }

  @Test
  void adopt_scoresThatAreNotFinite_areRefusedWithTheValue() {
    NodeProto nan = node("Div", "none", "none").addOutput("logits").build();
    NodeProto none = node("Mul", "source", "zero").addOutput("none").build();
    assertThatThrownBy(() -> adopt("conv", 5, List.of(none, nan), "logits"))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("the output 'logits' is not finite: it has NaN");
    NodeProto infinite = node("Log", "none").addOutput("logits").build();
    assertThatThrownBy(() -> adopt("conv", 5, List.of(none, infinite), "logits"))
        .hasMessageContaining("it has -Infinity")
        .hasMessageContaining("can have a score of -10000");
  }

  private static NodeProto named(String output) {
    return node("Identity", "source").addOutput(output).build();
  }

  @Test
  void adopt_rowsOfObjectsBesidePrototypesOfMasks_isNoSemanticSegmentation() {
    NodeProto rows =
        node("Concat", "source", "source", "source")
            .addAttribute(GraphBuilder.attribute("axis", 1))
            .addOutput("rows")
            .build();
    NodeProto objects = node("Reshape", "rows", "objects").addOutput("output0").build();
    assertThatThrownBy(
            () -> adopt("conv", 0, List.of(rows, objects, named("output1")), "output0", "output1"))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("YOLO-seg, and no semantic segmentation")
        .hasMessageContaining("output0 [1, 15, 96] has rows for objects")
        .hasMessageContaining("output1 [1, 5, 8, 12]");
  }

  @ParameterizedTest
  @CsvSource({"embedding, logits", "aux, out", "edge_map, sem", "boundary, 123"})
  void adopt_ofSeveralOutputs_takesTheOneWhoseNameSaysScores(String first, String second)
      throws Exception {
    NodeProto wide =
        node("Concat", "source", "source")
            .addAttribute(GraphBuilder.attribute("axis", 1))
            .addOutput(first)
            .build();
    Adopted adopted = adopt("conv", 0, List.of(wide, named(second)), first, second);
    assertThat(adopted.logits()).startsWith("scores '" + second + "'").contains(first);
  }

  /** As exporters name the tensors of a module. */
  @Test
  void adopt_scoresOfATelltaleName_areTakenBeforeTheirProbabilities() throws Exception {
    NodeProto shares =
        node("Softmax", "/backbone/feat")
            .addAttribute(GraphBuilder.attribute("axis", 1))
            .addOutput("probs")
            .build();
    assertThat(adopt("conv", 0, List.of(named("/backbone/feat"), shares), "probs").logits())
        .isEqualTo("scores '/backbone/feat'");
  }

  @Test
  void adopt_featuresBesideAScorePerPixel_asksForOne() {
    NodeProto wide =
        node("Concat", "source", "source")
            .addAttribute(GraphBuilder.attribute("axis", 1))
            .addOutput("x")
            .build();
    NodeProto score = node("Sub", "source", "half").addOutput("logits").build();
    assertThatThrownBy(() -> adopt("binary", 0, List.of(wide, score), "logits", "x"))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("several outputs could be the class scores: [x [1, 2, ");
  }

  @Test
  void adopt_outputThatIsAConstant_isNoScore() throws Exception {
    NodeProto constant =
        node("Constant")
            .addAttribute(GraphBuilder.attribute("value_int", 1))
            .addOutput("version")
            .build();
    assertThat(adopt("conv", 0, List.of(constant, named("logits")), "logits", "version").logits())
        .startsWith("scores 'logits'");
  }

  @Test
  void adopt_ofSeveralOutputsThatNothingTellsApart_asksForOne() throws Exception {
    NodeProto other = node("Neg", "source").addOutput("head_b").build();
    List<NodeProto> nodes = List.of(named("head_a"), other);
    assertThatThrownBy(() -> adopt("conv", 0, nodes, "head_a", "head_b"))
        .isInstanceOf(GraphException.class)
        .hasMessage(
            "several outputs could be the class scores: [head_a [1, 5, 8, 12], head_b [1, 5, 8, 12]]; name one with --logits, or the classes with --classes");
    assertThat(adopt("conv", 5, nodes, "head_a", "head_b").logits()).contains("'head_a'", "head_b");
  }

  /** A network with its weights in a second file, whose place in it is another. */
  @ParameterizedTest
  @CsvSource({
    "offset, -4, must be a number of bytes",
    "offset, x, must be a number of bytes",
    "length, -4, must be a number of bytes",
    "length, 4, bytes; its file gives it 4",
    "offset, 99999999, lies beyond its end"
  })
  void read_weightsAtAWrongPlace_namesTheWeight(String key, String value, String message)
      throws Exception {
    ModelProto.Builder model =
        ModelProto.parseFrom(Files.readAllBytes(FOLDER.resolve("dynamo.onnx"))).toBuilder();
    String weight = "";
    for (TensorProto.Builder tensor : model.getGraphBuilder().getInitializerBuilderList()) {
      for (StringStringEntryProto.Builder entry : tensor.getExternalDataBuilderList()) {
        if (weight.isEmpty() && entry.getKey().equals(key)) {
          weight = tensor.getName();
          entry.setValue(value);
        }
      }
    }
    Path file = folder.resolve("dynamo.onnx");
    Files.write(file, model.build().toByteArray());
    Files.copy(FOLDER.resolve("dynamo.onnx.data"), folder.resolve("dynamo.onnx.data"));
    assertThatThrownBy(() -> ForeignModel.read(file, settings(5)))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("the weight " + weight)
        .hasMessageContaining(message.replace(';', ','));
  }

  @Test
  void read_folder_saysWhatItMustBe() {
    assertThatThrownBy(() -> ForeignModel.read(folder, settings(5)))
        .hasMessage(folder + " is a folder, it must be an ONNX file");
  }

  @Test
  void scale_thatIsNotFinite_isRefused() {
    double[] usual = {0.5, 0.5, 0.5};
    double[] none = {0.5, Double.NaN, 0.5};
    double[] infinite = {0.5, Double.POSITIVE_INFINITY, 0.5};
    assertThatThrownBy(() -> new PixelScale(none, usual, false))
        .hasMessage("mean must be finite, is [0.5, NaN, 0.5]");
    assertThatThrownBy(() -> new PixelScale(usual, infinite, false))
        .hasMessage("std must be positive and finite, is [0.5, Infinity, 0.5]");
  }

  /** The numbers that the manual names for graphs that take 0 to 255. */
  @Test
  void scale_ofOneByteStep_leavesValuesAsTheyAre() {
    double step = 0.00392157;
    PixelScale scale = new PixelScale(new double[3], new double[] {step, step, step}, false);
    assertThat(255 * scale.factors()[0] + scale.offsets()[0]).isCloseTo(255, within(1e-3f));
  }

  @Test
  void adopt_moreClassesThanAMaskHas_saysHowMany() {
    String[] parts = new String[52];
    Arrays.fill(parts, "source");
    NodeProto many =
        node("Concat", parts)
            .addAttribute(GraphBuilder.attribute("axis", 1))
            .addOutput("logits")
            .build();
    assertThatThrownBy(() -> adopt("conv", 0, List.of(many), "logits"))
        .hasMessage("a mask has at most 255 classes, the output is logits [1, 260, 8, 12]");
  }
}
