package io.maskstream.app.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.app.Outcome;
import io.maskstream.config.YamlReader;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.deployment.Deployment;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Micros;
import io.maskstream.frame.Picture;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.v1.Mask;
import io.maskstream.topic.v1.SegmentedFrame;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command against a deployment that lost no frame, and two damaged records. */
class ReplayCommandIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final TopicNames TOPICS = new TopicNames("replay");
  private static final int FRAMES = 12;

  @TempDir private static Path folder;
  private static Deployment deployment;
  private static Path topology;

  @BeforeAll
  static void runDeployment() throws Exception {
    String cameras =
        """
        name: replay
        kafka: {bootstrap: %s}
        topics: {prefix: replay, partitions: 2}
        cameras:
          - {id: a, url: 'synthetic:street?seed=1', fps: 10, maxFrames: %d, partition: 0}
          - {id: b, url: 'synthetic:street?seed=2', fps: 10, maxFrames: %d, partition: 1}
        segment: {maxAge: none}
        view: {port: 0}
        monitor: {port: 0}
        """;
    deployment =
        Deployment.start(
            YamlReader.parse(
                "replay.yaml",
                cameras.formatted("embedded", FRAMES, FRAMES),
                DeploymentConfig.class,
                Map.of()),
            Set.of(Role.INGEST, Role.SEGMENT));
    KafkaConnection kafka = deployment.kafka();
    topology =
        Files.writeString(
            folder.resolve("replay.yaml"),
            cameras.formatted("'" + kafka.bootstrap() + "'", FRAMES, FRAMES));
    await()
        .atMost(TIMEOUT)
        .until(() -> TopicReader.readAll(kafka, TOPICS.segmentedFrames()).size() == 2 * FRAMES);
    damage(kafka);
  }

  /** A record without headers, and one that says that it is a JPEG. */
  private static void damage(KafkaConnection kafka) throws Exception {
    byte[] key = "a".getBytes(StandardCharsets.UTF_8);
    byte[] value = "not a picture".getBytes(StandardCharsets.UTF_8);
    try (KafkaProducer<byte[], byte[]> producer = ByteClients.producer(kafka.common())) {
      var unused = producer.send(new ProducerRecord<>(TOPICS.frames(), 0, key, value)).get();
      ProducerRecord<byte[], byte[]> picture = new ProducerRecord<>(TOPICS.frames(), 0, key, value);
      new FrameMetadata(new FrameId("a", 1, 77, Micros.of(Instant.now())), 64, 48, ContentType.JPEG)
          .writeTo(picture.headers());
      unused = producer.send(picture).get();
      unreadableMasks(producer);
    }
    await()
        .atMost(TIMEOUT)
        .until(() -> TopicReader.readAll(kafka, TOPICS.segmentedFrames()).size() == 2 * FRAMES + 3);
  }

  /** Something else than a mask, and a mask of an encoding that there is not, before its frame. */
  private static void unreadableMasks(KafkaProducer<byte[], byte[]> producer) throws Exception {
    byte[] key = "c".getBytes(StandardCharsets.UTF_8);
    FrameId id = new FrameId("c", 1, 5, Micros.of(Instant.now()));
    SegmentedFrame mask =
        SegmentedFrame.newBuilder()
            .setCamera(id.camera())
            .setEpoch(id.epoch())
            .setSequence(id.sequence())
            .setCaptureMicros(id.captureMicros())
            .setMask(Mask.newBuilder().setWidth(64).setHeight(48).setEncodingValue(99))
            .build();
    String masks = TOPICS.segmentedFrames();
    var unused = producer.send(new ProducerRecord<>(masks, key, new byte[] {1, 2, 3})).get();
    unused = producer.send(new ProducerRecord<>(masks, key, mask.toByteArray())).get();
    Picture black = Picture.black(64, 48);
    ProducerRecord<byte[], byte[]> frame =
        new ProducerRecord<>(
            TOPICS.frames(), 0, key, PictureCodec.encode(black, ContentType.JPEG, 90));
    new FrameMetadata(id, 64, 48, ContentType.JPEG).writeTo(frame.headers());
    unused = producer.send(frame).get();
  }

  @AfterAll
  static void stop() {
    deployment.close();
  }

  private static Outcome replay(Path out, String... more) {
    return replay(topology, out, more);
  }

  private static Outcome replay(Path file, Path out, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("replay", file.toString(), "--from", "10m", "--out", out.toString()));
    arguments.addAll(List.of(more));
    return Outcome.of(arguments);
  }

  private static JsonNode report(Path out) throws Exception {
    return new ObjectMapper().readTree(out.resolve("report.json").toFile());
  }

  private static Map<String, String> digests(JsonNode report, String side) {
    Map<String, String> digests = new TreeMap<>();
    report
        .get("cameras")
        .forEach(row -> digests.put(row.get("camera").asText(), row.get(side).asText()));
    return digests;
  }

  /** Records of the topics that the deployment itself is done with, and the cluster's groups. */
  private static Set<String> traces() throws Exception {
    Set<String> traces = new TreeSet<>();
    for (String topic :
        List.of(
            TOPICS.frames(),
            TOPICS.segmentedFrames(),
            TOPICS.classStats(),
            TOPICS.drops(),
            TOPICS.deadLetters(),
            TOPICS.control(),
            TOPICS.cameras())) {
      traces.add(topic + " " + TopicReader.readAll(deployment.kafka(), topic).size());
    }
    try (Admin admin = Admin.create(deployment.kafka().common())) {
      admin.listGroups().all().get().stream().map(GroupListing::groupId).forEach(traces::add);
    }
    return traces;
  }

  @Test
  void twice_givesEqualMasks_thoseOfTheDeployment_andLeavesNoTrace(@TempDir Path out)
      throws Exception {
    Set<String> before = traces();
    Outcome first = replay(out.resolve("1"));
    Outcome second = replay(out.resolve("2"));
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(second.exitCode()).isZero();
    JsonNode report = report(out.resolve("1"));
    Map<String, String> digests = digests(report, "digest");
    assertThat(digests).containsOnlyKeys("a", "b", "c");
    assertThat(digests(report(out.resolve("2")), "digest")).isEqualTo(digests);
    Map<String, String> recorded = digests(report, "firstDigest");
    assertThat(recorded.remove("c")).isEmpty();
    assertThat(digests).containsAllEntriesOf(recorded);
    assertThat(first.out()).contains(digests.get("a")).contains("recorded masks are of street-ssa");
    for (JsonNode row : report.get("cameras")) {
      boolean whole = !row.get("camera").asText().equals("c");
      assertThat(row.get("frames").asInt()).isEqualTo(whole ? FRAMES : 1);
      assertThat(row.get("identical").asInt()).isEqualTo(whole ? FRAMES : 0);
      assertThat(row.get("agreement").isNull()).isEqualTo(!whole);
    }
    assertThat(report.get("notes").toString()).contains("1 frames have no recorded mask");
    assertThat(report.get("unreadable").asInt()).isEqualTo(4);
    assertThat(report.get("examples").toString())
        .contains("partition 0 offset " + FRAMES + ": a frame record needs the header seq")
        .contains("partition 0 offset " + (FRAMES + 1) + " (a/1/77): ")
        .contains("it is not a segmented frame")
        .contains("mask of c/1/5: unknown mask encoding 99");
    assertThat(out.resolve("1/worst")).doesNotExist();
    assertThat(traces()).isEqualTo(before);
  }

  @Test
  void otherReuse_givesAReportWithPictures(@TempDir Path out) throws Exception {
    Outcome outcome = replay(out, "--reuse", "per-frame", "--worst", "3", "--cameras", "b");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    JsonNode report = report(out);
    JsonNode row = report.get("cameras").get(0);
    assertThat(report.get("cameras")).hasSize(1);
    assertThat(row.get("camera").asText()).isEqualTo("b");
    assertThat(row.get("agreement").asDouble()).isBetween(0.5, 0.9999);
    assertThat(row.get("digest").asText()).isNotEqualTo(row.get("firstDigest").asText());
    assertThat(report.get("unreadable").asInt()).isZero();
    double shares = 0;
    for (JsonNode found : report.get("classes")) {
      shares += found.get("share").asDouble();
      assertThat(found.get("iou").asDouble()).isBetween(0.0, 1.0);
    }
    assertThat(shares).isBetween(0.999, 1.001);
    assertThat(report.get("bins").size()).isGreaterThan(1);
    for (JsonNode cost : report.get("cost")) {
      assertThat(cost.get("frames").asInt()).isEqualTo(FRAMES);
      assertThat(cost.get("p99Millis").asDouble())
          .isGreaterThanOrEqualTo(cost.get("medianMillis").asDouble());
    }
    assertThat(report.get("worst").size()).isBetween(1, 3);
    for (JsonNode worst : report.get("worst")) {
      assertThat(out.resolve("worst").resolve(worst.get("picture").asText())).isRegularFile();
    }
    assertThat(Files.readString(out.resolve("report.md")))
        .contains("- B: street-ssa")
        .contains("## Frames that agree least")
        .contains("## Cost per frame");
  }

  /** The topology with a precision. */
  private static Path with(String precision) throws Exception {
    String yaml = Files.readString(topology);
    return Files.writeString(
        folder.resolve(precision + ".yaml"),
        yaml.replace("{maxAge: none}", "{maxAge: none, precision: %s}".formatted(precision)));
  }

  @Test
  void otherPrecision_namesBothGraphs_andComparesTheirMasks(@TempDir Path out) throws Exception {
    Path floats = with("float");
    Outcome outcome = replay(floats, out, "--precision", "int8", "--cameras", "b");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .containsPattern("A: street-ssa@\\d+ \\(model.onnx\\), flow")
        .containsPattern("B: street-ssa@\\d+ \\(model-int8.onnx\\), flow");
    JsonNode report = report(out);
    JsonNode row = report.get("cameras").get(0);
    assertThat(row.get("compared").asInt()).isEqualTo(FRAMES);
    assertThat(row.get("agreement").asDouble()).isBetween(0.9, 0.99999);
    assertThat(report.at("/cost/0/side").asText()).contains("(model.onnx)");
    assertThat(report.at("/cost/1/side").asText()).contains("(model-int8.onnx)");
    assertThat(Files.readString(out.resolve("report.md")))
        .contains("(model.onnx), flow | " + FRAMES, "(model-int8.onnx), flow | " + FRAMES);
    for (String precision : List.of("float", "int8")) { // each alone: the masks are really its own
      Path alone = out.resolve(precision);
      assertThat(replay(with(precision), alone, "--cameras", "b").exitCode()).isZero();
      assertThat(digests(report(alone), "digest"))
          .isEqualTo(digests(report, precision.equals("int8") ? "digest" : "firstDigest"));
    }
    Outcome same = replay(floats, out.resolve("same"), "--precision", "float", "--cameras", "b");
    assertThat(same.out()).contains("A and B are the same: the options ask for what");
    assertThat(report(out.resolve("same")).at("/cameras/0/identical").asInt()).isEqualTo(FRAMES);
  }

  @Test
  void severalModels_areAllNamed(@TempDir Path out) throws Exception {
    String yaml = Files.readString(topology);
    String models = "{maxAge: none, models: [{cameras: [a], model: models/street-protoseg}]}";
    Path two = folder.resolve("two.yaml");
    Files.writeString(two, yaml.replace("{maxAge: none}", models));
    Outcome outcome = replay(two, out, "--precision", "float", "--cameras", "a");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .containsPattern(
            "B: street-ssa@\\d+ \\(model.onnx\\); a: street-protoseg@\\d+ \\(model.onnx\\), ");
  }

  @Test
  void otherModel_isComparedWithTheDeploymentsOwn(@TempDir Path out) throws Exception {
    Outcome outcome = replay(out, "--model", "models/street-protoseg", "--cameras", "a");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("A: street-ssa@").contains("B: street-protoseg@");
    JsonNode row = report(out).get("cameras").get(0);
    assertThat(row.get("compared").asInt()).isEqualTo(FRAMES);
    assertThat(row.get("identical").asInt()).isZero();
    assertThat(row.get("agreement").asDouble()).isBetween(0.5, 0.9999);
  }

  @Test
  void uncertain_frames_areReadAsADataSet(@TempDir Path out) throws Exception {
    Path data = out.resolve("data");
    Outcome outcome =
        replay(out, "--cameras", "a,b", "--uncertain", "6", "--export", data.toString());
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    FolderFrames frames = new FolderFrames(data, "uncertain", ClassTable.camvid11());
    assertThat(frames.size()).isEqualTo(6);
    int ofA = 0;
    for (int i = 0; i < 6; i++) {
      LabeledPicture read = frames.get(i); // checks that both have one size
      assertThat(read.groundTruth().labels()).doesNotContain((byte) ClassTable.VOID);
      ofA += frames.name(i).startsWith("a_") ? 1 : 0;
      if (i > 0 && frames.sameSequence(i - 1, i)) {
        assertThat(frames.captureMicros(i, 1e6) - frames.captureMicros(i - 1, 1e6))
            .isGreaterThan(150_000);
      }
    }
    assertThat(ofA).isEqualTo(3);
    assertThat(Files.readString(data.resolve("uncertain.json"))).contains("\"confidence\":0.");
  }

  @Test
  void nothingInTheRange_isOneSentence(@TempDir Path out) {
    assertThat(replay(out, "--to", "9m").err())
        .contains("no frame captured from")
        .contains("lies in replay.frames: its records are of")
        .contains("topics.framesRetention");
    assertThat(replay(out, "--cameras", "gate").err()).contains("no frame of gate captured");
    assertThat(replay(out, "--uncertain", "3").err()).contains("--export");
  }
}
