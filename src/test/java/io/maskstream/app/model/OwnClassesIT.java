package io.maskstream.app.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.app.Maskstream;
import io.maskstream.evaluation.ConfusionMatrix;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.network.Parameters;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * From a folder of labeled pictures of three classes to live masks, in the quickstart's commands.
 */
class OwnClassesIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
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
        "6",
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
    TopicNames topics = new TopicNames("own");
    int port = freePort();
    Files.writeString(
        folder.resolve("live.yaml"),
        """
        name: own
        kafka: {bootstrap: embedded}
        broker: {port: %d}
        topics: {prefix: own, partitions: 1}
        cameras: [{id: belt, url: '%s', fps: 10, partition: 0}]
        segment: {model: '%s', maxAge: none}
        view: {port: 0}
        monitor: {port: 0}
        """
            .formatted(port, file("belt.mp4"), file("parts")));
    Thread running =
        new Thread(() -> Maskstream.commandLine().execute("run", file("live.yaml")), "run");
    running.start();
    try {
      KafkaConnection kafka = KafkaConnection.plain("localhost:" + port);
      await().atMost(TIMEOUT).until(() -> hasFrames(kafka, topics));
      return iou(kafka, topics);
    } finally {
      running.interrupt();
      running.join();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static boolean hasFrames(KafkaConnection kafka, TopicNames topics) {
    try {
      return TopicReader.readAll(kafka, topics.segmentedFrames()).size() >= FRAMES;
    } catch (RuntimeException e) {
      return false; // the topic is not there yet
    }
  }

  private static double iou(KafkaConnection kafka, TopicNames topics) throws Exception {
    ConfusionMatrix matrix = new ConfusionMatrix(3);
    BeltScene scene = new BeltScene(UNSEEN, WIDTH, HEIGHT);
    for (ConsumerRecord<byte[], byte[]> record :
        TopicReader.readAll(kafka, topics.segmentedFrames())) {
      SegmentedFrame frame = SegmentedFrame.parseFrom(record.value());
      matrix.add(
          scene.at((int) frame.getSequence()).groundTruth(), MaskCodec.decode(frame.getMask()));
    }
    return matrix.meanIou();
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
