package io.maskstream.app.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.app.Outcome;
import io.maskstream.camera.PictureFiles;
import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.CameraSegmenter.FrameInput;
import io.maskstream.inference.ConfidenceOutput;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.LoadedModel.EngineOptions;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.Precision;
import io.maskstream.inference.Segmentation;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.synthetic.SyntheticStreet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The threshold of the unknown on a few drawn frames, counted here in another way. */
class CalibrateUnknownCommandIT {
  private static final Path MODEL = Path.of("models/street-ssa");
  private static final int FRAMES = 3;
  private static final double AT_MOST = 0.2;

  /** A threshold has three decimals, so its next level can be this much higher. */
  private static final double LEVEL = 1.0 / ConfidenceMap.FULL + 1e-3;

  @TempDir private Path folder;
  private Path bundle;

  @BeforeEach
  void drawData() throws IOException {
    SyntheticStreet street = new SyntheticStreet(5, 480, 360);
    Files.createDirectories(folder.resolve("val"));
    Files.createDirectories(folder.resolve("valannot"));
    Files.createDirectories(folder.resolve("beside"));
    for (int i = 0; i < FRAMES; i++) {
      LabeledPicture frame = drawn(street, i);
      String name = "street_%04d.png".formatted(i);
      PictureFiles.writePng(folder.resolve("val").resolve(name), frame.picture());
      PictureFiles.writeGray(folder.resolve("valannot").resolve(name), frame.groundTruth());
    }
    bundle = Files.createDirectory(folder.resolve("bundle"));
    for (String name : List.of("model.onnx", "SHA256SUMS")) {
      Files.copy(MODEL.resolve(name), bundle.resolve(name));
    }
    String card = Files.readString(MODEL.resolve("bundle.yaml"));
    assertThat(card).contains("\nunknownBelow: 0.");
    Files.writeString(
        bundle.resolve("bundle.yaml"), card.replaceAll("\nunknownBelow: .*", "\nunknownBelow: 0"));
  }

  private static LabeledPicture drawn(SyntheticStreet street, int index) {
    return street.at(Duration.ofMillis(400L * index));
  }

  private Outcome run(String... more) {
    List<String> arguments = new ArrayList<>(List.of("calibrate-unknown", "--model"));
    arguments.addAll(List.of(bundle.toString(), "--data", folder.toString()));
    arguments.addAll(List.of("--reuse", "per-frame", "--precision", "float"));
    arguments.addAll(List.of(more));
    return Outcome.of(arguments);
  }

  /** What the model makes of drawn frames, each for itself. */
  private List<Segmentation> segmented(int... frames) throws Exception {
    EngineOptions engine = EngineOptions.processors(1, Precision.FLOAT);
    SyntheticStreet street = new SyntheticStreet(5, 480, 360);
    List<Segmentation> made = new ArrayList<>();
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(bundle), engine);
        CameraSegmenter segmenter =
            new CameraSegmenter(
                model.card(),
                model.newSegmenter(),
                Reuse.of(Reuse.Policy.PER_FRAME).build(),
                ResetRules.defaults(),
                ConfidenceOutput.MAP)) {
      for (int i : frames) {
        FrameInput frame = new FrameInput(1, i, drawn(street, i).picture());
        made.add(segmenter.segment(frame, null, Optional.empty()).segmentation());
      }
    }
    return made;
  }

  /** Confidences of the pixels with the right label, in order, 0 to 1. */
  private double[] rightPixels(int... frames) throws Exception {
    SyntheticStreet street = new SyntheticStreet(5, 480, 360);
    List<Double> found = new ArrayList<>();
    List<Segmentation> made = segmented(frames);
    for (int i = 0; i < frames.length; i++) {
      addRight(drawn(street, frames[i]).groundTruth(), made.get(i), found);
    }
    return found.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  private static void addRight(Mask truth, Segmentation made, List<Double> found) {
    ConfidenceMap map = made.map().orElseThrow();
    int cell = truth.width() / map.width();
    for (int y = 0; y < truth.height(); y++) {
      for (int x = 0; x < truth.width(); x++) {
        if (truth.at(x, y) == made.mask().at(x, y)) {
          found.add((double) map.at(x / cell, y / cell) / ConfidenceMap.FULL);
        }
      }
    }
  }

  private static double shareBelow(double[] confidences, double threshold) {
    return (double) Arrays.stream(confidences).filter(one -> one < threshold).count()
        / confidences.length;
  }

  private ModelCard card() throws Exception {
    return ModelBundle.read(bundle).card();
  }

  @Test
  void threshold_isTheLargestThatTheRightPixelsAllow_andIsOnTheCard() throws Exception {
    ModelCard before = card();
    Outcome outcome = run("--at-most", "20");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    double written = card().unknownBelow();
    double[] right = rightPixels(0, 1, 2);
    assertThat(shareBelow(right, written)).isBetween(0.05, AT_MOST);
    assertThat(shareBelow(right, written + LEVEL)).isGreaterThan(AT_MOST);
    assertThat(card()).isEqualTo(before.withUnknownBelow(written));
    assertThat(outcome.out())
        .contains(String.format(Locale.ROOT, "unknownBelow %.3f: unknown are ", written))
        .contains(
            String.format(
                Locale.ROOT, ", %.2f %% of those with the", 100 * shareBelow(right, written)))
        .contains("val: 3 frames, unknown ")
        .contains("wrote unknownBelow into " + bundle);
  }

  @Test
  void every_takesTheFramesInBetweenOut() throws Exception {
    assertThat(run("--at-most", "20", "--every", "2").out()).contains("val: 2 frames");
    double[] right = rightPixels(0, 2);
    assertThat(shareBelow(right, card().unknownBelow())).isBetween(0.05, AT_MOST);
    assertThat(shareBelow(right, card().unknownBelow() + LEVEL)).isGreaterThan(AT_MOST);
  }

  @Test
  void dryRun_printsOtherPicturesToo_andLeavesTheCard() throws Exception {
    byte[] card = Files.readAllBytes(bundle.resolve("bundle.yaml"));
    SyntheticStreet other = new SyntheticStreet(9, 320, 240);
    PictureFiles.writePng(folder.resolve("beside/0.png"), drawn(other, 0).picture());
    Outcome outcome = run("--dry-run", "--beside", folder.resolve("beside").toString());
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains(folder.resolve("beside") + ": 1 frames, unknown ")
        .doesNotContain("wrote");
    assertThat(Files.readAllBytes(bundle.resolve("bundle.yaml"))).isEqualTo(card);
  }

  /** Makes the labels those that the model gives, each so many classes further. */
  private void labelByTheModel(int further) throws Exception {
    List<Segmentation> made = segmented(0, 1, 2);
    for (int i = 0; i < FRAMES; i++) {
      byte[] ids = made.get(i).mask().labels().clone();
      for (int n = 0; n < ids.length; n++) {
        ids[n] = (byte) ((ids[n] + further) % 11);
      }
      PictureFiles.writeGray(
          folder.resolve("valannot/street_%04d.png".formatted(i)), new Mask(480, 360, ids));
    }
  }

  @Test
  void nothingWrong_isSaid() throws Exception {
    labelByTheModel(0);
    assertThat(run("--dry-run").out())
        .contains(", none of those with a wrong one; 0.00 % of the unknown are wrong");
  }

  @Test
  void nothingRight_isRefused() throws Exception {
    labelByTheModel(1);
    assertThat(run().err())
        .isEqualTo(
            "maskstream: %s gives no pixel of these frames its label: no confidence is that of a right one%n"
                .formatted(card().name()));
  }

  @Test
  void wrongOptions_nameOptionRuleAndValue() {
    assertThat(run("--at-most", "100").err())
        .isEqualTo("maskstream: --at-most must be above 0 and below 100 percent, is 100.0\n");
    assertThat(run("--every", "0").err())
        .contains(
            "Invalid value for option '--every': must be a whole number of at least 1, is '0'");
    assertThat(run("--rate", "NaN").err())
        .contains("Invalid value for option '--rate': must be a number above 0, is 'NaN'");
  }
}
