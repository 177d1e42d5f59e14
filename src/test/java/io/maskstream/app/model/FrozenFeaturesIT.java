package io.maskstream.app.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.app.Maskstream;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.network.Parameters;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Heads for classes of one's own on the features of a network that is not trained. */
class FrozenFeaturesIT {
  private static final String GRAPHS = "src/test/resources/foreign/";
  private static final Pattern MIOU = Pattern.compile("\"miou\":([0-9.]+)");
  private static final int WIDTH = 48;
  private static final int HEIGHT = 32;

  @TempDir private Path folder;

  @BeforeEach
  void drawData() throws Exception {
    BeltScene.write(folder, "train", 100, 8, 4, WIDTH, HEIGHT);
    BeltScene.write(folder, "val", 900, 2, 2, WIDTH, HEIGHT);
    Files.writeString(folder.resolve("parts.yaml"), BeltScene.TABLE);
  }

  private record Outcome(int code, String errors) {}

  private static Outcome run(List<String> arguments) {
    CommandLine line = Maskstream.commandLine();
    StringWriter errors = new StringWriter();
    line.setErr(new PrintWriter(errors));
    int code = line.execute(arguments.toArray(String[]::new));
    return new Outcome(code, errors.toString());
  }

  private static void succeed(String... arguments) {
    Outcome outcome = run(List.of(arguments));
    assertThat(outcome.code).as(outcome.errors).isZero();
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private List<String> training(String features, String out, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--data", folder.toString(), "--features", features));
    arguments.addAll(List.of("--classes", file("parts.yaml"), "--out", out));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** Percent. */
  private double meanIou(String bundle) {
    PrintStream console = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      succeed(
          "eval",
          "--model",
          bundle,
          "--data",
          folder.toString(),
          "--classes",
          file("parts.yaml"),
          "--reuse",
          "per-frame",
          "--json");
    } finally {
      System.setOut(console);
    }
    Matcher matcher = MIOU.matcher(out.toString(StandardCharsets.UTF_8));
    assertThat(matcher.find()).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  /** A graph for any batch and one that is fixed to a batch of one. */
  @ParameterizedTest
  @CsvSource({"sum, ssa, 1, 15, 14, 0", "fixed-batch, protoseg, 2, 60, 64, 1"})
  void head_onAForeignNetwork_isTrainedAndServedBehindIt(
      String graph, String head, int prototypes, int epochs, int depth, int batch)
      throws Exception {
    String trunk = file("trunk");
    succeed("adopt", GRAPHS + graph + ".onnx", "--out", trunk);
    String out = file("training");
    String weights = out + "/weights.safetensors";
    List<String> training =
        training(trunk, out, "--head", head, "--prototypes", Integer.toString(prototypes));
    training.addAll(
        List.of(
            "--epochs", Integer.toString(epochs), "--learning-rate", "2e-2", "--validate", "val"));
    Outcome trained = run(training);
    assertThat(trained.code).as(trained.errors).isZero();
    assertThat(Parameters.read(Path.of(weights)).values().keySet())
        .allMatch(name -> name.startsWith("head.") || name.startsWith("projection."))
        .anyMatch(name -> name.startsWith("projection.") == head.equals("protoseg"));
    succeed("calibrate", "--weights", weights, "--data", folder.toString(), "--features", trunk);
    String bundle = file("parts");
    succeed("export", "--weights", weights, "--features", trunk, "--out", bundle); // with parity
    ModelCard card = ModelBundle.read(Path.of(bundle)).card();
    assertThat(card.family()).isEqualTo(head);
    assertThat(card.features()).isEqualTo(depth);
    assertThat(card.batch()).isEqualTo(batch);
    assertThat(card.stride()).isEqualTo(4);
    assertThat(meanIou(bundle)).isGreaterThan(40); // of 8 random numbers
    assertThat(run(List.of("export", "--weights", weights, "--out", bundle)).errors)
        .contains("the head was trained on features of another network")
        .contains("name its bundle with --features");
  }

  @Test
  void ownTrunk_trainsItsLastStageAlone() throws Exception {
    String out = file("training");
    Outcome outcome = run(training("models/street-ssa", out, "--crop", "48x32", "--epochs", "1"));
    assertThat(outcome.code).as(outcome.errors).isZero();
    Parameters before = Parameters.read(Path.of("models/street-ssa/weights.safetensors"));
    Parameters after = Parameters.read(Path.of(out, "weights.safetensors"));
    List<String> moved =
        before.values().keySet().stream()
            .filter(after.values()::containsKey)
            .filter(name -> before.get(name).data().length == after.get(name).data().length)
            .filter(
                name -> !java.util.Arrays.equals(before.get(name).data(), after.get(name).data()))
            .map(name -> name.replaceAll("^((head|decoder|backbone)\\.?[a-z]*\\d*).*", "$1"))
            .distinct()
            .toList();
    assertThat(moved)
        .contains("decoder.filter0", "decoder.block0")
        .allMatch(name -> name.startsWith("head") || name.startsWith("decoder"))
        .noneMatch(name -> name.startsWith("decoder.lateral") || name.startsWith("decoder.detail"));
  }

  @Test
  void networkWithoutVectorsPerClass_isRefused() {
    String trunk = file("trunk");
    succeed("adopt", GRAPHS + "three-by-three.onnx", "--out", trunk);
    assertThat(run(training(trunk, file("training"))).errors)
        .contains("has no features to train on: its last layer has no vectors per class");
  }
}
