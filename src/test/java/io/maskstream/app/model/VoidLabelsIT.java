package io.maskstream.app.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.app.Outcome;
import io.maskstream.camera.PictureFiles;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.inference.TestBundles;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.synthetic.SyntheticStreet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labeled frames without a label, from which nothing can be measured. */
class VoidLabelsIT {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;

  @TempDir private Path folder;

  @BeforeEach
  void drawData() throws IOException {
    SyntheticStreet street = new SyntheticStreet(5, WIDTH, HEIGHT);
    Files.createDirectories(folder.resolve("val"));
    Files.createDirectories(folder.resolve("valannot"));
    byte[] none = new byte[WIDTH * HEIGHT];
    Arrays.fill(none, (byte) ClassTable.VOID);
    for (int i = 0; i < 4; i++) {
      LabeledPicture frame = street.at(Duration.ofMillis(400L * i));
      String name = "street_%04d.png".formatted(i);
      PictureFiles.writePng(folder.resolve("val").resolve(name), frame.picture());
      PictureFiles.writeGray(
          folder.resolve("valannot").resolve(name), new Mask(WIDTH, HEIGHT, none));
    }
  }

  private Path bundle() throws IOException {
    return TestBundles.write(folder.resolve("m"), "m", "1", 1);
  }

  private static void assertRefused(Outcome outcome, String message) {
    assertThat(outcome.exitCode()).as(outcome.out()).isNotZero();
    assertThat(outcome.err())
        .isEqualTo("maskstream: no label of these frames is a class of " + message + "\n");
  }

  private Outcome run(String command, Path model) {
    return Outcome.of(
        List.of(command, "--model", model.toString(), "--data", folder.toString(), "--split=val"));
  }

  @Test
  void eval_isRefused() throws Exception {
    assertRefused(run("eval", bundle()), "m@1; --classes says which values are which class");
  }

  @Test
  void quantize_isRefusedBeforeAnythingIsWritten() throws Exception {
    Path bundle = bundle();
    byte[] card = Files.readAllBytes(bundle.resolve("bundle.yaml"));
    List<String> quantize =
        List.of(
            "quantize",
            "--model=" + bundle,
            "--data=" + folder.resolve("val"),
            "--labels=" + folder,
            "--least-agreement=0");
    assertRefused(Outcome.of(quantize), "m@1; their values must be its class ids, from 0");
    assertThat(bundle.resolve("model-int8.onnx")).doesNotExist();
    assertThat(Files.readAllBytes(bundle.resolve("bundle.yaml"))).isEqualTo(card);
  }

  @Test
  void calibrateUnknown_isRefusedAndLeavesTheCard() throws Exception {
    Path bundle = bundle();
    byte[] card = Files.readAllBytes(bundle.resolve("bundle.yaml"));
    assertRefused(
        run("calibrate-unknown", bundle), "m@1; --classes says which values are which class");
    assertThat(Files.readAllBytes(bundle.resolve("bundle.yaml"))).isEqualTo(card);
  }

  @Test
  void calibrate_isRefusedAndLeavesTheWeights() throws Exception {
    SegmentationNetwork network = new SegmentationNetwork(NetworkConfig.small(11));
    Path weights = folder.resolve("weights.safetensors");
    Parameters.initial(network.parameters(), 1)
        .withMetadata(network.config().describe())
        .write(weights);
    byte[] before = Files.readAllBytes(weights);
    List<String> calibrate =
        List.of("calibrate", "--weights=" + weights, "--data=" + folder, "--split=val");
    assertRefused(Outcome.of(calibrate), "camvid11; --classes says which values are which class");
    assertThat(Files.readAllBytes(weights)).isEqualTo(before);
  }

  @Test
  void adoptWithCalibration_isRefused() {
    List<String> adopt =
        List.of(
            "adopt",
            "src/test/resources/foreign/sum.onnx",
            "--out=" + folder.resolve("adopted"),
            "--calibrate=" + folder,
            "--split=val");
    assertRefused(Outcome.of(adopt), "adopted@1; --classes says which values are which class");
  }
}
