package io.maskstream.app.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.app.Maskstream;
import io.maskstream.camera.PictureFiles;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.inference.ModelBundle;
import io.maskstream.network.Parameters;
import io.maskstream.synthetic.SyntheticStreet;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Train, export, eval, compare and explain on a data set of a few synthetic frames. */
class ModelCommandsIT {
  @TempDir private Path folder;

  @BeforeEach
  void drawData() throws IOException {
    SyntheticStreet street = new SyntheticStreet(5, 480, 360);
    for (String split : List.of("train", "val")) {
      Files.createDirectories(folder.resolve(split));
      Files.createDirectories(folder.resolve(split + "annot"));
      for (int i = 0; i < 4; i++) {
        LabeledPicture frame = street.at(Duration.ofMillis(400L * i));
        String name = "street_%04d.png".formatted(i);
        PictureFiles.writePng(folder.resolve(split).resolve(name), frame.picture());
        PictureFiles.writeGray(folder.resolve(split + "annot").resolve(name), frame.groundTruth());
      }
    }
  }

  private String run(String... arguments) {
    CommandLine line = Maskstream.commandLine();
    StringWriter errors = new StringWriter();
    line.setErr(new PrintWriter(errors));
    assertThat(line.execute(arguments)).as(errors.toString()).isZero();
    return errors.toString();
  }

  @Test
  void compare_trainsLoadsMeasuresAndGoesOn() throws IOException {
    Path config = folder.resolve("compare.yaml");
    Files.writeString(
        config,
        """
        data: {folder: %s}
        recipe: {epochs: 1, batchSize: 2, cropWidth: 64, cropHeight: 48}
        entries:
          - {name: committed, model: models/street-ssa}
          - {name: plain, head: plain}
          - {name: 'ProtoSeg, M = 2', head: protoseg, prototypes: 2, losses: {pixelContrast: 0.1}}
        """
            .formatted(folder));
    Path out = folder.resolve("out");
    run("compare", "--config", config.toString(), "--out", out.toString());
    String table = Files.readString(out.resolve("table.md"));
    assertThat(table).contains("| committed | 1 |").contains("| ProtoSeg, M = 2 | 1 |");
    List<String> csv = Files.readAllLines(out.resolve("table.csv"));
    assertThat(csv).hasSize(4);
    double committed = Double.parseDouble(csv.get(1).split(",")[2]);
    double plain = Double.parseDouble(csv.get(2).split(",")[2]);
    assertThat(committed).isGreaterThan(plain + 0.2); // one step of training knows nothing yet
    assertThat(ImageIO.read(out.resolve("plot.png").toFile()).getWidth()).isEqualTo(900);

    Path weights = out.resolve("plain-seed1/weights.safetensors");
    var before = Files.getLastModifiedTime(weights);
    run("compare", "--config", config.toString(), "--out", out.toString());
    assertThat(Files.getLastModifiedTime(weights)).isEqualTo(before);

    String data = folder.toString();
    run("calibrate", "--weights", weights.toString(), "--data", data, "--stride", "1");
    assertThat(Parameters.read(weights).metadata().get("offsets").split(",")).hasSize(11);
    String bundle = folder.resolve("calibrated").toString();
    run("export", "--weights", weights.toString(), "--out", bundle); // fails where parity does
    run("eval", "--model", bundle, "--data", data, "--split", "val", "--json", "--propagate", "1");
    String checkpoint = weights.resolveSibling("checkpoint.safetensors").toString();
    int refused =
        Maskstream.commandLine().execute("calibrate", "--weights", checkpoint, "--data", data);
    assertThat(refused).isNotZero();
  }

  /** With a model that has integers already, of another graph. */
  @Test
  void quantize_writesTheIntegersAnewAndMeasuresTheirLoss() throws Exception {
    Path bundle = Files.createDirectory(folder.resolve("bundle"));
    for (String file : List.of("bundle.yaml", "model.onnx", "model-int8.onnx", "SHA256SUMS")) {
      Files.copy(Path.of("models/street-ssa", file), bundle.resolve(file));
    }
    byte[] before = Files.readAllBytes(bundle.resolve("model-int8.onnx"));
    run(
        "quantize",
        "--model",
        bundle.toString(),
        "--data",
        folder.resolve("train").toString(),
        "--labels",
        folder.toString(),
        "--least-agreement",
        "90");
    assertThat(Files.readAllBytes(bundle.resolve("model-int8.onnx"))).isNotEqualTo(before);
    ModelBundle written = ModelBundle.read(bundle); // also that its hashes are right
    assertThat(written.card().integerLoss()).isBetween(-5.0, 5.0);
    assertThat(written.card().measured()).containsKey("int8: labels as in floats");
  }

  @Test
  void explain_drawsItsFourPictures() throws IOException {
    Path out = folder.resolve("explained");
    run("explain", folder.resolve("val/street_0001.png").toString(), "--out", out.toString());
    for (String name : List.of("similarity", "masks", "moved", "embedding")) {
      assertThat(ImageIO.read(out.resolve(name + ".png").toFile())).as(name).isNotNull();
    }
  }

  @Test
  void eval_ofAnotherLayout_saysWhatIsMissing() {
    CommandLine line = Maskstream.commandLine();
    StringWriter errors = new StringWriter();
    line.setErr(new PrintWriter(errors));
    int code = line.execute("eval", "--data", folder.toString(), "--layout", "cityscapes");
    assertThat(code).isNotZero();
  }
}
