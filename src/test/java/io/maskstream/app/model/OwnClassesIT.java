package io.maskstream.app.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.app.Maskstream;
import io.maskstream.evaluation.ConfusionMatrix;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.network.Parameters;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * From a folder of labeled pictures of three classes to live masks, in the quickstart's commands.
 */
class OwnClassesIT {
  private static final int WIDTH = 160;
  private static final int HEIGHT = 120;
  private static final int FRAMES = 20;
  private static final long UNSEEN = 2000;

  @TempDir private Path folder;

  private static String run(boolean succeeds, String... arguments) {
    CommandLine line = Maskstream.commandLine();
    StringWriter errors = new StringWriter();
    line.setErr(new PrintWriter(errors));
    assertThat(line.execute(arguments) == 0).as(errors.toString()).isEqualTo(succeeds);
    return errors.toString();
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void ownClasses_fromLabeledPicturesToLiveMasks() throws Exception {
    BeltScene.write(folder, "train", 100, 8, 4, WIDTH, HEIGHT);
    BeltScene.write(folder, "val", 900, 2, 2, WIDTH, HEIGHT);
    BeltScene.writeVideo(folder.resolve("belt.mp4"), UNSEEN, FRAMES, WIDTH, HEIGHT);
    Files.writeString(folder.resolve("parts.yaml"), BeltScene.TABLE);
    String data = folder.toString();
    String weights = file("training/weights.safetensors");
    String bundle = file("parts");
    run(
        true,
        "train",
        "--data",
        data,
        "--classes",
        file("parts.yaml"),
        "--init",
        "models/street-ssa",
        "--crop",
        "128x96",
        "--epochs",
        "16",
        "--learning-rate",
        "2e-3",
        "--out",
        file("training"));
    assertThat(Parameters.read(Path.of(weights)).metadata().get("classTable"))
        .contains("\"bottle\"")
        .contains("[20,21]");
    run(true, "calibrate", "--weights", weights, "--data", data, "--stride", "8");
    run(true, "export", "--weights", weights, "--size", "160x120", "--out", bundle);
    ModelCard card = ModelBundle.read(Path.of(bundle)).card();
    assertThat(card.id()).isEqualTo("parts");
    assertThat(card.table().id()).isEqualTo("parts");
    assertThat(card.table().classes().get(2).color()).isEqualTo(0x20C060);
    run(true, "eval", "--model", bundle, "--data", data, "--classes", file("parts.yaml"));
    assertThat(liveIou()).isGreaterThan(0.6);
  }

  /** Mean IoU of the masks that {@code run} publishes of the video. */
  private double liveIou() throws Exception {
    ConfusionMatrix matrix = new ConfusionMatrix(3);
    BeltScene scene = new BeltScene(UNSEEN, WIDTH, HEIGHT);
    String camera = "'%s'".formatted(file("belt.mp4"));
    LiveRun.Published live =
        new LiveRun(folder, folder.resolve("parts"), camera, FRAMES).published();
    for (SegmentedFrame frame : live.masks()) {
      matrix.add(
          scene.at((int) frame.getSequence()).groundTruth(), MaskCodec.decode(frame.getMask()));
    }
    return matrix.meanIou();
  }

  @Test
  void clip_drawsItsFramesTogetherAndMustNotBeShort() throws Exception {
    BeltScene.write(folder, "train", 100, 1, 2, WIDTH, HEIGHT);
    BeltScene.writeVideo(folder.resolve("belt.mp4"), UNSEEN, FRAMES, WIDTH, HEIGHT);
    BeltScene.writeVideo(folder.resolve("short.mp4"), UNSEEN, 5, WIDTH, HEIGHT);
    Files.writeString(folder.resolve("parts.yaml"), BeltScene.TABLE);
    List<String> train =
        new ArrayList<>(
            List.of("train", "--data", folder.toString(), "--classes", file("parts.yaml")));
    train.addAll(List.of("--crop", "64x48", "--epochs", "1", "--batch", "4"));
    train.addAll(List.of("--out", file("training"), "--clip"));
    String[] whole = with(train, file("belt.mp4"));
    run(true, whole);
    List<String> log = Files.readAllLines(folder.resolve("training/log.csv"));
    int column = List.of(log.get(0).split(",")).indexOf("temporalConsistency");
    assertThat(Double.parseDouble(log.get(1).split(",")[column])).isBetween(1e-4, 0.5);
    assertThat(run(false, with(train, file("short.mp4"))))
        .isEqualTo(
            "maskstream: a clip needs at least 6 frames; %s has fewer%n"
                .formatted(file("short.mp4")));
  }

  /** A short training on drawn pictures. */
  private List<String> brief() throws Exception {
    BeltScene.write(folder, "train", 100, 1, 2, WIDTH, HEIGHT);
    Files.writeString(folder.resolve("parts.yaml"), BeltScene.TABLE);
    List<String> train =
        new ArrayList<>(
            List.of("train", "--data", folder.toString(), "--classes", file("parts.yaml")));
    train.addAll(List.of("--crop", "64x48", "--batch", "4", "--out", file("training")));
    return train;
  }

  @Test
  void training_ofAnotherHeadInTheSameFolder_isRefused() throws Exception {
    List<String> train = brief();
    train.add("--epochs=1");
    run(true, train.toArray(String[]::new));
    assertThat(run(false, with(train, "--head=plain")))
        .startsWith(
            "maskstream: %s holds the training of another network (".formatted(file("training")))
        .contains("head ssa, not plain")
        .endsWith("); give its options, or another --out\n");
  }

  @Test
  void training_killedBeforeItsCheckpoint_logsTheEpochOnce() throws Exception {
    List<String> train = brief();
    run(true, with(train, "--epochs=1"));
    Path log = folder.resolve("training/log.csv");
    Files.writeString(
        log,
        Files.readAllLines(log).get(1).replaceFirst("1", "2") + "\n",
        StandardOpenOption.APPEND);
    run(true, with(train, "--epochs=2"));
    assertThat(Files.readAllLines(log))
        .extracting(line -> line.split(",")[0])
        .containsExactly("epoch", "1", "2");
  }

  @Test
  void numbers_thatAreNone_areRefused() throws Exception {
    List<String> train = brief();
    assertThat(run(false, with(train, "--learning-rate=NaN")))
        .isEqualTo("maskstream: rate must be a number above 0, is NaN\n");
    assertThat(run(false, with(train, "--loss=dice=NaN")))
        .isEqualTo(
            "maskstream: the weight of the loss term dice must be a number of at least 0, is NaN\n");
    assertThat(run(false, with(train, "--class-balance=NaN")))
        .isEqualTo("maskstream: class balance must be a number above 1, is NaN\n");
    assertThat(run(false, with(train, "--prior-share=NaN"))).contains("priorShare must be 0 to 1");
  }

  private static String[] with(List<String> arguments, String last) {
    List<String> all = new ArrayList<>(arguments);
    all.add(last);
    return all.toArray(String[]::new);
  }

  @Test
  void labelsThatNoClassHas_areAnError() throws Exception {
    BeltScene.write(folder, "train", 100, 1, 2, WIDTH, HEIGHT);
    Files.writeString(
        folder.resolve("ids.yaml"), "id: parts\nclasses: [{name: belt}, {name: box}]\n");
    String[] train = {
      "train", "--data", folder.toString(), "--classes", file("ids.yaml"), "--out", file("none")
    };
    assertThat(run(false, train))
        .isEqualTo(
            "maskstream: no pixel of the label pictures has one of the 2 classes; which values do"
                + " they have? The class table can name them (labels: [...])\n");
  }
}
