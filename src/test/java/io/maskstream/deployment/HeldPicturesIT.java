package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.maskstream.app.Maskstream;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.event.Event;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.CameraMemorySerde;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing of a camera's picture gets to Kafka or to a disk where pictures are held in the process:
 * every record of every topic and every file is searched for it.
 */
class HeldPicturesIT {
  private static final TopicNames TOPICS = new TopicNames("held");
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final int FRAMES = 50;
  private static final int QUALITY = 90;
  private static final int MASKS = 3;
  private static final int GONE = 4;

  /** Seen by the committed model in every drawn street. */
  private static final List<String> HIDDEN = List.of("road", "car", "pedestrian");

  /** Of a hidden pixel from gray, after JPEG. */
  private static final int MOST_RINGING = 60;

  /** Of a pixel that is shown, by two JPEGs. */
  private static final int MOST_CHANGE = 20;

  private static final List<String> CAMERAS = List.of("a", "b");
  private static final Map<String, Double> FPS = Map.of("a", 5.0, "b", 60.0);
  private static final int WIDTH = 480;
  private static final int HEIGHT = 360;

  @TempDir private Path folder;

  private String yaml(String bootstrap) {
    return """
        name: held
        kafka: {bootstrap: '%s'}
        topics: {prefix: held, partitions: 2}
        pictures: {place: process}
        cameras:
          - {id: a, url: 'synthetic:street?seed=1', fps: 5, maxFrames: %d, partition: 0}
          - {id: b, url: 'synthetic:street?seed=2', fps: 60, maxFrames: %d, partition: 1}
        segment:
          maxAge: 2s
          stateDir: '%s'
          stores: rocks-db
          memoryInterval: 0ms
          confidence: map
          redact: {classes: %s, frames: %d}
        rules: [{name: road, cameras: [a], classes: [road], above: 0.01, hold: 4s}]
        view: {port: 0}
        monitor: {port: 0}
        """
        .formatted(bootstrap, FRAMES, FRAMES, folder.resolve("state"), HIDDEN, MASKS);
  }

  @Test
  @Timeout(300)
  void picturesInTheProcess_areInNoTopicAndNoFile_andEveryFrameHasItsOutcome() throws Exception {
    Path data = folder.resolve("broker");
    PictureSearch search = search();
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.of(data), 0)) {
      KafkaConnection kafka = KafkaConnection.plain(broker.bootstrap());
      String yaml = yaml(broker.bootstrap());
      DeploymentConfig config =
          YamlReader.parse("held.yaml", yaml, DeploymentConfig.class, Map.of());
      try (Deployment deployment = Deployment.start(config, Deployment.allRoles())) {
        await().atMost(TIMEOUT).until(deployment::camerasFinished);
        await()
            .atMost(TIMEOUT)
            .until(() -> outcomes(deployment.kafka()) == CAMERAS.size() * FRAMES);
        checkPage(deployment);
        checkSnapshot(deployment);
        assertThat(get(deployment.monitor() + "/metrics", HttpResponse.BodyHandlers.ofString()))
            .contains("maskstream_held_picture_bytes 0.0");
      }
      restartWithFramesOfAnotherProcess(config, kafka);
      checkOutcomes(kafka, yaml);
      checkRedacted(kafka);
      checkMemories(kafka);
      checkTopics(kafka, search);
    }
    checkFiles(data, search);
    checkFiles(folder.resolve("state"), search);
    plantedPictures_areFound(folder.resolve("state"), search);
  }

  /** The check of the files can fail. */
  private static void plantedPictures_areFound(Path state, PictureSearch search)
      throws IOException {
    Path below = Files.createDirectory(state.resolve("below"));
    Picture picture = raw("b", 7);
    for (byte[] bytes :
        List.of(picture.rgb(), PictureCodec.encode(picture, ContentType.JPEG, QUALITY))) {
      Files.write(below.resolve("planted"), bytes);
      assertThatThrownBy(() -> checkFiles(below, search))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("planted")
          .hasMessageContaining("b/7 as ");
    }
  }

  /** What a drawn camera has read: its numbers begin at 0 and have no gaps. */
  private static Picture raw(String camera, long sequence) {
    long micros = Math.round(sequence * 1e6 / FPS.get(camera));
    return new SyntheticStreet(CAMERAS.indexOf(camera) + 1, WIDTH, HEIGHT)
        .at(Duration.ofNanos(1_000 * micros))
        .picture();
  }

  private static PictureSearch search() {
    PictureSearch search = new PictureSearch();
    for (String camera : CAMERAS) {
      for (int n = 0; n < FRAMES; n++) {
        search.add(camera + "/" + n, raw(camera, n), QUALITY);
      }
    }
    return search;
  }

  private static int outcomes(KafkaConnection kafka) {
    return TopicReader.readAll(kafka, TOPICS.segmentedFrames()).size()
        + TopicReader.readAll(kafka, TOPICS.drops()).size();
  }

  /** The page has the redacted pictures and no other. */
  private void checkPage(Deployment deployment) throws Exception {
    String page = deployment.page().orElseThrow();
    await()
        .atMost(TIMEOUT)
        .until(
            () ->
                get(page + "/api/cameras", HttpResponse.BodyHandlers.ofString())
                    .contains("\"camera\":\"a\""));
    byte[] shown = get(page + "/api/cameras/a/picture", HttpResponse.BodyHandlers.ofByteArray());
    assertThat(TopicReader.readAll(deployment.kafka(), TOPICS.redactedFrames()))
        .anyMatch(record -> Arrays.equals(record.value(), shown));
  }

  /** The picture of an event is a redacted one, too. */
  private void checkSnapshot(Deployment deployment) throws Exception {
    String page = deployment.page().orElseThrow();
    await()
        .atMost(TIMEOUT)
        .until(
            () ->
                get(page + "/api/events/recent", HttpResponse.BodyHandlers.ofString())
                    .contains("\"snapshot\":true"));
    Event event =
        Json.read(
            TopicReader.readAll(deployment.kafka(), TOPICS.events()).get(0).value(), Event.class);
    FrameId frame = event.data().frame();
    RedactedSnapshot.check(
        get(
            page + "/api/events/" + event.data().event() + "/snapshot.jpg",
            HttpResponse.BodyHandlers.ofByteArray()),
        raw("a", frame.sequence()),
        mask(deployment.kafka(), frame),
        hiddenPixels(deployment.kafka()).get(frame));
  }

  private static Mask mask(KafkaConnection kafka, FrameId id) {
    return TopicReader.readAll(kafka, TOPICS.segmentedFrames()).stream()
        .map(record -> SegmentedFrames.parse(record.value()))
        .filter(frame -> SegmentedFrames.id(frame).equals(id))
        .map(frame -> MaskCodec.decode(frame.getMask()))
        .findFirst()
        .orElseThrow();
  }

  private static <T> T get(String url, HttpResponse.BodyHandler<T> body) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(url)).build(), body)
        .body();
  }

  /** As after the death of a process, and as where another one reads the camera. */
  private void restartWithFramesOfAnotherProcess(DeploymentConfig config, KafkaConnection kafka)
      throws Exception {
    long epoch = System.currentTimeMillis();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            kafka.producer(1_000_000), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int n = 0; n < GONE; n++) {
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(
                TOPICS.frames(), 0, "c".getBytes(StandardCharsets.UTF_8), new byte[0]);
        FrameId id = new FrameId("c", epoch, n, 1_000 * System.currentTimeMillis());
        new FrameMetadata(id, WIDTH, HEIGHT, ContentType.JPEG, WIDTH, HEIGHT, true)
            .writeTo(record.headers());
        var unused = producer.send(record).get();
      }
    }
    int all = 2 * CAMERAS.size() * FRAMES + GONE; // the cameras begin again
    try (Deployment deployment = Deployment.start(config, Set.of(Role.INGEST, Role.SEGMENT))) {
      await().atMost(TIMEOUT).until(() -> outcomes(deployment.kafka()) == all);
      assertThat(get(deployment.monitor() + "/metrics", HttpResponse.BodyHandlers.ofString()))
          .contains("{camera=\"c\",stage=\"segment\",reason=\"picture-gone\",} 4.0");
    }
  }

  /** The command that users have finds one outcome for each frame. */
  private void checkOutcomes(KafkaConnection kafka, String yaml) throws Exception {
    List<DropRecord> gone =
        TopicReader.readAll(kafka, TOPICS.drops()).stream()
            .map(record -> Json.read(record.value(), DropRecord.class))
            .filter(drop -> drop.reason() == DropRecord.Reason.PICTURE_GONE)
            .toList();
    assertThat(gone).extracting(drop -> drop.frame().camera()).containsOnly("c").hasSize(GONE);
    assertThat(TopicReader.readAll(kafka, TOPICS.segmentedFrames())).hasSizeGreaterThan(MASKS);
    assertThat(TopicReader.readAll(kafka, TOPICS.classStats()))
        .hasSameSizeAs(TopicReader.readAll(kafka, TOPICS.segmentedFrames()));
    assertThat(TopicReader.readAll(kafka, TOPICS.classStatsWindowed())).isNotEmpty();
    Path file = folder.resolve("held.yaml");
    Files.writeString(file, yaml);
    assertThat(
            Maskstream.commandLine()
                .execute("audit", file.toString(), "--to", "2100-01-01T00:00:00Z"))
        .isZero();
  }

  /** Redacted pictures are those of the cameras, without the classes. */
  private void checkRedacted(KafkaConnection kafka) throws Exception {
    Map<FrameId, BitSet> hidden = hiddenPixels(kafka);
    List<ConsumerRecord<byte[], byte[]>> records =
        TopicReader.readAll(kafka, TOPICS.redactedFrames());
    assertThat(records).hasSizeGreaterThan(MASKS);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      FrameMetadata metadata = FrameMetadata.of(record);
      Picture shown =
          PictureCodec.decode(
              record.value(), ContentType.JPEG, metadata.width(), metadata.height());
      Picture camera = raw(metadata.id().camera(), metadata.id().sequence());
      BitSet pixels = hidden.get(metadata.id());
      assertThat(pixels.cardinality()).isGreaterThan(WIDTH * HEIGHT / 20);
      long changed = 0;
      long kept = 0;
      for (int i = 0; i < shown.rgb().length; i++) {
        boolean far = Math.abs((camera.rgb()[i] & 0xFF) - (shown.rgb()[i] & 0xFF)) > MOST_CHANGE;
        if (pixels.get(i / 3)) {
          assertThat(Math.abs((shown.rgb()[i] & 0xFF) - 128)).isLessThan(MOST_RINGING);
          changed += far ? 1 : 0;
        } else {
          kept += far ? 0 : 1;
        }
      }
      assertThat(changed).as("values hidden").isGreaterThan(pixels.cardinality() / 3);
      assertThat(kept).as("values shown").isGreaterThan(shown.rgb().length / 5);
    }
  }

  /** Pixels of each frame that have a hidden class in its mask or in one of those before it. */
  private static Map<FrameId, BitSet> hiddenPixels(KafkaConnection kafka) {
    ClassTable table = ClassTable.camvid11();
    Map<String, List<BitSet>> last = new HashMap<>();
    Map<FrameId, BitSet> hidden = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record :
        TopicReader.readAll(kafka, TOPICS.segmentedFrames())) {
      SegmentedFrame frame = SegmentedFrames.parse(record.value());
      Mask mask =
          MaskCodec.decode(frame.getMask()).scaled(frame.getSourceWidth(), frame.getSourceHeight());
      BitSet own = new BitSet();
      for (int i = 0; i < mask.labels().length; i++) {
        if (HIDDEN.contains(table.name(mask.labels()[i] & 0xFF))) {
          own.set(i);
        }
      }
      List<BitSet> before = last.computeIfAbsent(frame.getCamera(), camera -> new ArrayList<>());
      before.add(own);
      BitSet all = new BitSet();
      before.subList(Math.max(0, before.size() - MASKS), before.size()).forEach(all::or);
      hidden.put(SegmentedFrames.id(frame), all);
    }
    return hidden;
  }

  /** What the flow memory keeps of a picture stays in the worker's memory. */
  private static void checkMemories(KafkaConnection kafka) {
    List<CameraMemory> memories =
        TopicReader.readAll(kafka, "held-prototypes-changelog").stream()
            .filter(record -> record.value() != null)
            .map(record -> CameraMemorySerde.serde().deserializer().deserialize("", record.value()))
            .toList();
    assertThat(memories).isNotEmpty().allMatch(memory -> memory.dense().isEmpty());
  }

  private static void checkTopics(KafkaConnection kafka, PictureSearch search) throws Exception {
    Set<String> topics;
    try (Admin admin = Admin.create(kafka.common())) {
      topics = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
    }
    assertThat(topics)
        .contains("__consumer_offsets", "held-prototypes-changelog", "held-pending-changelog");
    for (String topic : topics) {
      for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(kafka, topic)) {
        String place = "%s-%d offset %d".formatted(topic, record.partition(), record.offset());
        assertThat(search.pixels(bytes(record))).as(place).isEmpty();
        if (topic.equals(TOPICS.frames())) {
          assertThat(record.value()).as(place).isEmpty();
        }
        if (!topic.equals(TOPICS.redactedFrames())) {
          assertThat(PictureSearch.pictures(bytes(record))).as(place).isEmpty();
        }
      }
    }
  }

  /** Key, headers and value, one after the other. */
  private static byte[] bytes(ConsumerRecord<byte[], byte[]> record) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    all.writeBytes(record.key() == null ? new byte[0] : record.key());
    for (Header header : record.headers()) {
      all.writeBytes(header.value() == null ? new byte[0] : header.value());
    }
    all.writeBytes(record.value() == null ? new byte[0] : record.value());
    return all.toByteArray();
  }

  private static void checkFiles(Path root, PictureSearch search) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      assertThat(search.pixels(bytes)).as(file.toString()).isEmpty();
      if (!file.getParent().getFileName().toString().startsWith(TOPICS.redactedFrames() + "-")) {
        assertThat(PictureSearch.pictures(bytes)).as(file.toString()).isEmpty();
      }
    }
  }
}
