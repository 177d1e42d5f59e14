package io.maskstream.app.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.app.Maskstream;
import io.maskstream.app.option.ClassTables;
import io.maskstream.camera.PictureFiles;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.synthetic.SyntheticStreet;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** From a foreign graph to a bundle that segments, and the class tables beside it. */
class AdoptCommandIT {
  private static final String GRAPHS = "src/test/resources/foreign/";

  @TempDir private Path folder;

  private int run(StringWriter errors, String... arguments) {
    CommandLine line = Maskstream.commandLine();
    line.setErr(new PrintWriter(errors, true));
    return line.execute(arguments);
  }

  @Test
  void adopt_thenEval_measuresTheNetwork() throws Exception {
    Path names = Files.write(folder.resolve("mine.txt"), List.of("a", "b", "c", "d", "e"));
    String bundle = folder.resolve("bundle").toString();
    StringWriter errors = new StringWriter();
    int code =
        run(
            errors,
            "adopt",
            GRAPHS + "fixed-batch.onnx",
            "--classes",
            names.toString(),
            "--out",
            bundle);
    assertThat(code).as(errors.toString()).isZero();
    ModelCard card = ModelBundle.read(Path.of(bundle)).card();
    assertThat(card.id()).isEqualTo("bundle");
    assertThat(card.batch()).isEqualTo(1);
    assertThat(card.table().name(4)).isEqualTo("e");
    assertThat(Double.parseDouble(card.accuracy().values().iterator().next()))
        .isGreaterThanOrEqualTo(99.9);
    Path data = drawn();
    for (String policy : List.of("per-frame", "guided")) {
      int measured =
          run(errors, "eval", "--model", bundle, "--data", data.toString(), "--reuse", policy);
      assertThat(measured).as(errors.toString()).isZero();
    }
  }

  private static double miou(String text, Pattern line) {
    Matcher matcher = line.matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void adopt_calibrated_findsOffsetsAndReuse() throws Exception {
    Path data = drawn();
    String[] adopt = {"adopt", GRAPHS + "sum.onnx", "--out", folder.resolve("b").toString()};
    List<String> calibrated = new ArrayList<>(List.of(adopt));
    calibrated.addAll(List.of("--calibrate", data.toString(), "--split", "val"));
    String[] eval = {
      "eval", "--model", adopt[3], "--data", data.toString(), "--reuse", "per-frame", "--json"
    };
    Pattern json = Pattern.compile("\"miou\":([0-9.]+)");
    printed(adopt);
    double before = miou(printed(eval), json);
    String said = printed(calibrated.toArray(String[]::new));
    assertThat(said).contains("class 4 ").contains("segment: {reuse: {policy: ");
    double after = miou(printed(eval), json);
    assertThat(after).isGreaterThan(before);
    assertThat(miou(said, Pattern.compile("per-frame\\}\\s+mIoU ([0-9.]+)")))
        .isCloseTo(after, Offset.offset(0.01));
  }

  @Test
  void adopt_saysWhatCamerasRemember() {
    String out = folder.resolve("b").toString();
    assertThat(printed("adopt", GRAPHS + "sum.onnx", "--out", out))
        .contains("prototypes of 14 numbers: cameras have a memory\n");
    assertThat(printed("adopt", GRAPHS + "three-by-three.onnx", "--out", out))
        .contains("no prototypes; cameras have a memory of class probabilities (reuse: flow)\n");
    assertThat(printed("adopt", GRAPHS + "corners.onnx", "--out", out))
        .contains(
            "prototypes of 6 numbers\nits class scores stay in the graph: the reuse policy flow, the"
                + " default, serves per frame (guided and ema remember the prototypes); no mask is"
                + " propagated, and there are no confidence maps\n");
    StringWriter explained = new StringWriter();
    assertThat(run(explained, "explain", "docs/images/viewer.png", "--model", out)).isNotZero();
    assertThat(explained.toString())
        .isEqualTo(
            "maskstream: explain draws models that export wrote; %s does not tell which of its tensors are embeddings: no adopted model does, and an older export does once it is exported again%n"
                .formatted(out));
    StringWriter errors = new StringWriter();
    assertThat(run(errors, "calibrate-unknown", "--model", out, "--data", out)).isNotZero();
    assertThat(errors.toString())
        .startsWith("maskstream: confidences need a model that gives class scores; b@1 has no")
        .contains("stay in it");
  }

  @Test
  void eval_withAClassTableOfAnotherSize_isRefused() throws Exception {
    String bundle = folder.resolve("b").toString();
    printed("adopt", GRAPHS + "sum.onnx", "--out", bundle);
    StringWriter errors = new StringWriter();
    String data = drawn().toString();
    String[] eval = {"eval", "--model", bundle, "--data", data, "--classes", "camvid"};
    assertThat(run(errors, eval)).isNotZero();
    assertThat(errors.toString())
        .isEqualTo(
            "maskstream: the class table camvid11 has 11 classes, that of the model (numbered5) 5;"
                + " where the classes of --classes have labels, their names join them to the"
                + " model's\n");
  }

  private String printed(String... arguments) {
    PrintStream console = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    StringWriter errors = new StringWriter();
    try {
      assertThat(run(errors, arguments)).as(errors.toString()).isZero();
    } finally {
      System.setOut(console);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Two frames of the graph's size with labels. */
  private Path drawn() throws Exception {
    Path data = folder.resolve("data");
    Files.createDirectories(data.resolve("val"));
    Files.createDirectories(data.resolve("valannot"));
    SyntheticStreet street = new SyntheticStreet(5, 48, 32);
    for (int i = 0; i < 2; i++) {
      LabeledPicture frame = street.at(Duration.ofMillis(400L * i));
      PictureFiles.writePng(data.resolve("val/s_%d.png".formatted(i)), frame.picture());
      PictureFiles.writeGray(data.resolve("valannot/s_%d.png".formatted(i)), frame.groundTruth());
    }
    return data;
  }

  /** Features so large that their sum is infinite, and a last layer that makes them small again. */
  @Test
  void adopt_outputThatIsNotFinite_isRefusedAndNotWritten() throws Exception {
    ModelProto model =
        ModelProto.parseFrom(Files.readAllBytes(Path.of(GRAPHS + "fixed-batch.onnx")));
    StringWriter errors = new StringWriter();
    String out = folder.resolve("none").toString();
    Path file = folder.resolve("large.onnx");
    Files.write(file, LargeFeatures.of(model, 3e37f).toByteArray());
    assertThat(run(errors, "adopt", file.toString(), "--out", out)).isNotZero();
    assertThat(errors.toString())
        .isEqualTo("maskstream: the model's output prototypes is not finite: it has NaN\n");
    assertThat(Path.of(out)).doesNotExist();
  }

  /** Exporters call a graph as a bundle does. */
  @Test
  void adopt_intoTheFolderOfTheModelItself_changesNothingThere() throws Exception {
    Path export = Files.createDirectories(folder.resolve("export"));
    Path file = Files.copy(Path.of(GRAPHS, "sum.onnx"), export.resolve("model.onnx"));
    Path weights = Files.writeString(export.resolve("weights.safetensors"), "theirs");
    StringWriter errors = new StringWriter();
    assertThat(run(errors, "adopt", file.toString(), "--out", export.toString())).isNotZero();
    assertThat(errors.toString())
        .contains(
            "model.onnx would be overwritten, and is not a bundle's: there is no bundle.yaml");
    assertThat(file).hasSameBinaryContentAs(Path.of(GRAPHS, "sum.onnx"));
    assertThat(weights).hasContent("theirs");
    Files.writeString(export.resolve("bundle.yaml"), "");
    assertThat(run(errors, "adopt", file.toString(), "--out", export.toString())).isNotZero();
    assertThat(errors.toString()).contains("the model would be overwritten");
  }

  @Test
  void adopt_whatIsNoSegmentationNetwork_saysWhyInOneLine() {
    StringWriter errors = new StringWriter();
    String out = folder.resolve("none").toString();
    assertThat(run(errors, "adopt", GRAPHS + "classifier.onnx", "--out", out)).isNotZero();
    assertThat(errors.toString().lines())
        .containsExactly(
            "maskstream: this is no segmentation network: the graph gives [scores [1, 6]]");
    assertThat(Path.of(out)).doesNotExist();
  }

  @Test
  void adopt_sizeThatNoModelHas_isRefused() {
    StringWriter errors = new StringWriter();
    String[] adopt = {"adopt", GRAPHS + "conv.onnx", "--out", folder.resolve("none").toString()};
    List<String> large = new ArrayList<>(List.of(adopt));
    large.addAll(List.of("--input-size", "40000x40000"));
    assertThat(run(errors, large.toArray(String[]::new))).isNotZero();
    assertThat(errors.toString()).isEqualTo("maskstream: width must be 1 to 8192, is 40000\n");
  }

  @Test
  void adopt_scaleForAGraphOfBytes_saysThatItIsNotUsed() throws Exception {
    assertThat(
            printed(
                "adopt",
                GRAPHS + "bytes-nhwc.onnx",
                "--out",
                folder.resolve("bytes").toString(),
                "--mean",
                "0,0,0"))
        .startsWith("--mean and --std are not used: the graph takes bytes as they are");
  }

  @Test
  void shippedTables_areWhole() throws Exception {
    ClassTable cityscapes = ClassTables.read("cityscapes");
    assertThat(cityscapes.size()).isEqualTo(19);
    assertThat(cityscapes.name(0)).isEqualTo("road");
    assertThat(cityscapes.name(18)).isEqualTo("bicycle");
    assertThat(cityscapes.classes().get(13).color()).isEqualTo(0x00008E); // car
    ClassTable ade20k = ClassTables.read("ade20k");
    assertThat(ade20k.size()).isEqualTo(150);
    assertThat(ade20k.name(12)).isEqualTo("person");
    assertThat(ade20k.name(149)).isEqualTo("flag");
    assertThat(ade20k.classes().get(6).color()).isEqualTo(0x8C8C8C); // road
    assertThat(ClassTables.read("camvid").size()).isEqualTo(11);
  }

  @Test
  void tables_ofFiles_areRead() throws Exception {
    Path yaml = folder.resolve("table.yaml");
    Files.writeString(
        yaml, "id: two\nclasses: [{name: floor}, {name: door, color: '#102030', group: exit}]\n");
    ClassTable table = ClassTables.read(yaml.toString());
    assertThat(table.id()).isEqualTo("two");
    assertThat(table.classes().get(1).color()).isEqualTo(0x102030);
    Path config = folder.resolve("config.json");
    Files.writeString(config, "{\"id2label\": {\"1\": \"tree\", \"0\": \"sky\"}, \"depths\": [2]}");
    assertThat(ClassTables.read(config.toString()).name(1)).isEqualTo("tree");
    Files.writeString(config, "{\"depths\": [2]}");
    assertThatThrownBy(() -> ClassTables.read(config.toString())).hasMessageContaining("id2label");
    assertThatThrownBy(() -> ClassTables.read("citiscapes"))
        .hasMessage(
            "no such class table: citiscapes; it is a file or one of [camvid, cityscapes, ade20k]");
  }
}
