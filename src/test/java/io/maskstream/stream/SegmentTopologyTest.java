package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.CaughtLog;
import io.maskstream.config.YamlReader;
import io.maskstream.event.Event;
import io.maskstream.event.Rule;
import io.maskstream.event.RuleEvaluator;
import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.health.CameraHealthConfig;
import io.maskstream.health.HealthState;
import io.maskstream.inference.Arrivals;
import io.maskstream.inference.ConfidenceOutput;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ServedModel;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.Reuse;
import io.maskstream.redaction.RedactionConfig;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.stream.SegmentConfig.ReuseConfig;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ConfidenceCodec;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.MaskEncoding;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicSettings;
import io.maskstream.topic.WindowedStats;
import io.maskstream.topic.v1.SegmentedFrame;
import io.maskstream.zone.Zone;
import io.maskstream.zone.ZoneStats;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The replay topology with the committed model and synthetic frames, without a broker. */
class SegmentTopologyTest {
  private static final TopicSettings TOPIC_SETTINGS = TopicSettings.defaults("test");
  private static final TopicNames TOPICS = TOPIC_SETTINGS.names();
  private static final Instant START = Instant.ofEpochSecond(1_700_000_000);
  private static final SyntheticStreet STREET = new SyntheticStreet(5, 480, 360);

  private static final Zone ROAD_ZONE =
      new Zone(
          "street",
          List.of(List.of(0.0, 0.5), List.of(1.0, 0.5), List.of(1.0, 1.0), List.of(0.0, 1.0)),
          List.of("road"));
  private static final Rule ROAD_RULE =
      YamlReader.defaults(
          Rule.class,
          Map.of(
              "name", "road",
              "zone", "street",
              "classes", List.of("road"),
              "above", 0.1,
              "hold", "150ms"));
  private static final Metrics METRICS = new Metrics();

  private static ModelSlot slot;

  @TempDir private Path state;

  private Instant now = START;
  private TopologyTestDriver driver;
  private TestInputTopic<String, byte[]> frames;

  @BeforeAll
  static void loadModel() throws Exception {
    LoadedModel model = LoadedModel.load(ModelBundle.read(Path.of("models/street-ssa")), 2);
    slot =
        new ModelSlot(
            "street-ssa",
            ServedModel.of(model, Arrivals.unknown(), METRICS),
            InstantSource.system(),
            METRICS);
  }

  @AfterAll
  static void closeModel() {
    slot.close();
  }

  @BeforeEach
  void setUp() throws Exception {
    start(replay());
  }

  private static SegmentConfig replay() {
    return SegmentConfig.of(Path.of("models/street-ssa")).withMaxAge(Optional.empty());
  }

  private void start(SegmentConfig config) throws Exception {
    start(config, 8_000_000);
  }

  private void start(SegmentConfig config, int maxRecordBytes) throws Exception {
    now = START;
    InstantSource clock = () -> now;
    SegmentWorker.Parts parts =
        new SegmentWorker.Parts(
            new GroupMember("test", Duration.ofSeconds(2), Optional.empty()),
            KafkaConnection.plain("unused:1"),
            TOPIC_SETTINGS.withMaxRecordBytes(maxRecordBytes),
            config,
            Optional.empty(),
            Duration.ofMinutes(10),
            camera -> slot,
            camera -> List.of(ROAD_ZONE),
            () -> RuleEvaluator.byName(List.of(ROAD_RULE)),
            1,
            Arrivals.unknown(),
            METRICS,
            FrameTraces.none(),
            clock);
    SegmentWorker.Setup setup = SegmentWorker.setup(parts);
    Properties properties = new Properties();
    properties.putAll(SegmentWorker.settings(parts, setup, state));
    driver = new TopologyTestDriver(setup.topology(), properties, START);
    frames =
        driver.createInputTopic(TOPICS.frames(), new StringSerializer(), new ByteArraySerializer());
  }

  @AfterEach
  void tearDown() {
    driver.close();
  }

  private void send(String camera, long sequence, Duration offset, byte[] value) {
    RecordHeaders headers = new RecordHeaders();
    Instant capture = START.plus(offset);
    long micros = capture.toEpochMilli() * 1_000;
    new FrameMetadata(new FrameId(camera, 1, sequence, micros), 480, 360, ContentType.JPEG)
        .writeTo(headers);
    frames.pipeInput(new TestRecord<>(camera, value, headers, capture));
  }

  private static byte[] jpeg(Duration time) {
    return PictureCodec.encode(STREET.at(time).picture(), ContentType.JPEG, 90);
  }

  private List<TestRecord<String, byte[]>> read(String topic) {
    TestOutputTopic<String, byte[]> output =
        driver.createOutputTopic(topic, new StringDeserializer(), new ByteArrayDeserializer());
    return output.readRecordsToList();
  }

  private List<SegmentedFrame> segmented() throws Exception {
    List<SegmentedFrame> result = new ArrayList<>();
    for (TestRecord<String, byte[]> record : read(TOPICS.segmentedFrames())) {
      result.add(SegmentedFrame.parseFrom(record.value()));
    }
    return result;
  }

  private static SegmentConfig unknownBelow(double threshold) {
    return replay()
        .withUnknown(Optional.of(new SegmentConfig.UnknownConfig(Optional.of(threshold))));
  }

  @Test
  void confidence_isInTheRecordWhereItIsAskedFor_andUnknownIsItsShareBelowTheThreshold()
      throws Exception {
    driver.close();
    start(unknownBelow(0.9).withConfidence(ConfidenceOutput.MAP));
    send("front", 0, Duration.ZERO, jpeg(Duration.ZERO));
    SegmentedFrame frame = segmented().get(0);
    ConfidenceMap map = ConfidenceCodec.decode(frame.getConfidence());
    assertThat(List.of(map.width(), map.height())).containsExactly(120, 90);
    ClassStats stats = Json.read(read(TOPICS.classStats()).get(0).value(), ClassStats.class);
    assertThat(stats.unknown()).isEqualTo(map.shareBelow(0.9)).isBetween(0.01, 0.99);
    assertThat(METRICS.text())
        .contains("maskstream_unknown_share_ratio{camera=\"front\",} " + stats.unknown());
    driver.close();
    start(unknownBelow(0.9));
    send("front", 0, Duration.ZERO, jpeg(Duration.ZERO));
    assertThat(segmented().get(0).hasConfidence()).isFalse();
    driver.close();
    start(replay().withConfidence(ConfidenceOutput.MAP));
    send("front", 0, Duration.ZERO, jpeg(Duration.ZERO));
    assertThat(segmented().get(0).getConfidence()).isEqualTo(frame.getConfidence());
    assertThat(segmented()).isEmpty();
    assertThat(new String(read(TOPICS.classStats()).get(0).value(), StandardCharsets.UTF_8))
        .doesNotContain("unknown");
  }

  @Test
  void masks_haveTheEncodingOfTheConfiguration_andTheSamePixels() throws Exception {
    List<byte[]> masks = new ArrayList<>();
    for (MaskEncoding encoding : MaskEncoding.values()) {
      driver.close();
      start(replay().withEncoding(encoding));
      send("front", 0, Duration.ZERO, jpeg(Duration.ZERO));
      var mask = segmented().get(0).getMask();
      assertThat(mask.getEncoding().name()).isEqualTo(encoding.name());
      masks.add(MaskCodec.decode(mask).labels());
    }
    assertThat(masks.get(1)).isEqualTo(masks.get(0));
    assertThat(masks.get(2)).isEqualTo(masks.get(0));
  }

  @Test
  void frame_becomesMaskStatisticsAndMemory() throws Exception {
    for (int i = 0; i < 3; i++) {
      now = START.plusMillis(100L * i + 40);
      send("front", i, Duration.ofMillis(100L * i), jpeg(Duration.ofMillis(100L * i)));
    }
    List<SegmentedFrame> masks = segmented();
    assertThat(masks).hasSize(3);
    SegmentedFrame last = masks.get(2);
    assertThat(last.getCamera()).isEqualTo("front");
    assertThat(last.getSequence()).isEqualTo(2);
    assertThat(last.getModel()).isEqualTo("street-ssa");
    assertThat(last.getReuse().getPolicy()).isEqualTo("flow");
    assertThat(last.getReuse().getFramesSinceReset()).isEqualTo(3);
    assertThat(last.getReuse().getResetReason()).isEmpty();
    assertThat(masks.get(0).getReuse().getResetReason()).isEqualTo("first-frame");
    assertThat(last.getTimings().getQueueMicros()).isEqualTo(40_000);
    assertThat(MaskCodec.decode(last.getMask()).width()).isEqualTo(480);

    ClassStats stats = Json.read(read(TOPICS.classStats()).get(2).value(), ClassStats.class);
    double total = stats.classes().values().stream().mapToDouble(c -> c.share()).sum();
    assertThat(total).isBetween(0.999, 1.001);
    assertThat(stats.groups().get("flat"))
        .isEqualTo(stats.classes().get("road").share() + stats.classes().get("pavement").share());

    KeyValueStore<String, CameraMemory> store = driver.getKeyValueStore(SegmentTopology.PROTOTYPES);
    assertThat(store.get("front").bank().frames()).isEqualTo(3);
  }

  @Test
  void rule_thatHoldsLongEnough_makesOneEvent() {
    for (int i = 0; i < 4; i++) {
      now = START.plusMillis(100L * i + 40);
      send("front", i, Duration.ofMillis(100L * i), jpeg(Duration.ofMillis(100L * i)));
    }
    ClassStats stats = Json.read(read(TOPICS.classStats()).get(2).value(), ClassStats.class);
    ZoneStats street = stats.zones().get("street");
    assertThat(street.pixels()).isEqualTo(480 * 180);
    assertThat(street.classes().get("road").share()).isGreaterThan(0.3);
    assertThat(street.classes().get("road").regions()).isPositive();
    assertThat(street.classes().get("car").regions()).isZero(); // only where asked for
    List<TestRecord<String, byte[]>> events = read(TOPICS.events());
    assertThat(events).hasSize(1);
    assertThat(events.get(0).key()).isEqualTo("front");
    Event event = Json.read(events.get(0).value(), Event.class);
    assertThat(event.type()).isEqualTo("io.maskstream.rule.started");
    assertThat(event.time()).isEqualTo("2023-11-14T22:13:20.200Z");
    assertThat(event.data().frame().sequence()).isEqualTo(2);
    assertThat(event.data().durationMillis()).isEqualTo(200);
    assertThat(event.data().value()).isEqualTo(street.classes().get("road").share());
  }

  /** Without a frame. */
  private void pass(Duration time) {
    Duration second = Duration.ofSeconds(1);
    driver.advanceWallClockTime(second);
    now = now.plus(time);
    driver.advanceWallClockTime(second);
  }

  @Test
  void blackPictures_makeOneEventOfTheCamerasHealth() throws Exception {
    driver.close();
    start(replay().withCameraHealth(health("blinded")));
    byte[] black = PictureCodec.encode(Picture.black(480, 360), ContentType.JPEG, 90);
    for (int i = 0; i < 12; i++) {
      now = START.plusMillis(250L * i + 40);
      send("dark", i, Duration.ofMillis(250L * i), black);
    }
    List<Event> events = cameraEvents();
    assertThat(events).hasSize(1);
    Event event = events.get(0);
    assertThat(event.data().camera()).isEqualTo("dark");
    assertThat(event.type()).isEqualTo("io.maskstream.camera.started");
    assertThat(event.subject()).isEqualTo("blinded");
    assertThat(event.data().frame().sequence()).isEqualTo(8); // of every second one
    assertThat(METRICS.text())
        .contains("maskstream_camera_condition{camera=\"dark\",condition=\"blinded\",} 1.0");
    KeyValueStore<String, HealthState> store =
        driver.getKeyValueStore(SegmentTopology.HEALTH_STATES);
    assertThat(store.get("dark").open()).containsExactly("blinded");
    pass(Duration.ofSeconds(70));
    assertThat(cameraEvents()).extracting(Event::notice).containsExactly("ended");
    pass(Duration.ofMinutes(11));
    assertThat(store.get("dark")).isNull();
    assertThat(METRICS.text()).doesNotContain("maskstream_camera_condition{camera=\"dark\"");
  }

  private void startRedactingRoads() throws Exception {
    driver.close();
    RedactionConfig road =
        YamlReader.defaults(
            RedactionConfig.class,
            Map.of("classes", List.of("road"), "growPixels", 0, "frames", 2));
    start(replay().withRedact(Optional.of(road)));
  }

  @Test
  void redaction_hidesTheClasses_withAReceipt_whenThereAreMasksEnough() throws Exception {
    startRedactingRoads();
    for (int i = 0; i < 3; i++) {
      now = START.plusMillis(100L * i);
      send("front", i, Duration.ofMillis(100L * i), jpeg(Duration.ofMillis(100L * i)));
    }
    List<TestRecord<String, byte[]>> redacted = read(TOPICS.redactedFrames());
    assertThat(redacted).hasSize(2); // the first one has one mask
    TestRecord<String, byte[]> last = redacted.get(1);
    FrameMetadata metadata = FrameMetadata.of(last.key(), last.headers());
    assertThat(metadata.id().sequence()).isEqualTo(2);
    assertThat(header(last, "redacted-classes")).isEqualTo("road");
    assertThat(header(last, "redacted-mode")).isEqualTo("fill");
    assertThat(header(last, "redacted-masks")).isEqualTo("2");
    assertThat(header(last, "model")).startsWith("street-ssa@");
    int roadPixels =
        Json.read(read(TOPICS.classStats()).get(2).value(), ClassStats.class)
            .classes()
            .get("road")
            .pixels();
    assertThat(Integer.parseInt(header(last, "redacted-pixels")))
        .isGreaterThanOrEqualTo(roadPixels);
    Picture picture = PictureCodec.decode(last.value(), ContentType.JPEG, 480, 360);
    byte[] labels = MaskCodec.decode(segmented().get(2).getMask()).labels();
    int inside = 350 * 480 + 240;
    assertThat(slot.active().card().table().name(labels[inside])).isEqualTo("road");
    assertThat(picture.rgb()[3 * inside] & 0xFF).isBetween(126, 130);
    assertThat(METRICS.text())
        .contains("maskstream_frames_redacted_total{camera=\"front\",outcome=\"withheld\",} 1.0");
  }

  /** The camera may look elsewhere after a gap. */
  @Test
  void redaction_afterAReset_waitsForMasksOfTheView() throws Exception {
    startRedactingRoads();
    byte[] jpeg = jpeg(Duration.ZERO);
    List<Integer> redacted = new ArrayList<>();
    for (long millis : new long[] {0, 100, 60_000, 60_100}) {
      now = START.plusMillis(millis);
      send("front", redacted.size(), Duration.ofMillis(millis), jpeg);
      redacted.add(read(TOPICS.redactedFrames()).size());
    }
    assertThat(redacted).containsExactly(0, 1, 0, 1);
  }

  private static String header(TestRecord<String, byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  @Test
  void cameraHealthTurnedOff_looksAtNoPicture() throws Exception {
    driver.close();
    start(replay().withCameraHealth(health()));
    send("off", 0, Duration.ZERO, jpeg(Duration.ZERO));
    KeyValueStore<String, HealthState> store =
        driver.getKeyValueStore(SegmentTopology.HEALTH_STATES);
    assertThat(store.get("off")).isNull();
  }

  private List<Event> cameraEvents() {
    return read(TOPICS.events()).stream()
        .map(record -> Json.read(record.value(), Event.class))
        .filter(event -> event.is(Event.Kind.CAMERA))
        .toList();
  }

  private static CameraHealthConfig health(String... conditions) {
    return YamlReader.defaults(
        CameraHealthConfig.class, Map.of("conditions", List.of(conditions), "hold", "2s"));
  }

  @Test
  void poison_goesToTheDeadLettersAsItCame_andTheFlowGoesOn() throws Exception {
    try (CaughtLog log = new CaughtLog(PoisonHandler.class)) {
      send("front", 0, Duration.ZERO, new byte[] {1, 2, 3});
      frames.pipeInput(new TestRecord<>("front", new byte[] {4}, new RecordHeaders(), START));
      send("front", 1, Duration.ZERO, jpeg(Duration.ZERO));
      assertThat(segmented()).hasSize(1);
      List<TestRecord<String, byte[]>> dead = read(TOPICS.deadLetters());
      assertThat(dead).hasSize(2);
      assertThat(dead.get(0).value()).containsExactly(1, 2, 3);
      String failure =
          new String(dead.get(0).headers().lastHeader("failure").value(), StandardCharsets.UTF_8);
      assertThat(failure).isEqualTo("the value is not a readable image/jpeg (3 bytes)");
      assertThat(dead.get(0).headers().lastHeader("seq")).isNotNull();
      assertThat(
              new String(
                  dead.get(1).headers().lastHeader("failure").value(), StandardCharsets.UTF_8))
          .isEqualTo("a frame record needs the header seq");
      assertThat(log.contexts("goes to the dead letters"))
          .first(InstanceOfAssertFactories.map(String.class, String.class))
          .containsEntry("topic", TOPICS.frames())
          .containsKeys("camera", "partition", "offset");
    }
  }

  @Test
  void result_largerThanARecordMayBe_goesToTheDeadLetters() throws Exception {
    driver.close();
    start(replay().withOverlay(true), 100_000);
    byte[] noise = new byte[3 * 480 * 360];
    new Random(1).nextBytes(noise);
    send(
        "front",
        0,
        Duration.ZERO,
        PictureCodec.encode(new Picture(480, 360, noise), ContentType.JPEG, 90));
    assertThat(segmented()).isEmpty();
    List<TestRecord<String, byte[]>> dead = read(TOPICS.deadLetters());
    assertThat(dead).hasSize(1);
    assertThat(
            new String(dead.get(0).headers().lastHeader("failure").value(), StandardCharsets.UTF_8))
        .contains("topics.maxRecordBytes is 100000");
  }

  @Test
  void windows_closeWithTheNextFrameAndByTheClock() throws Exception {
    byte[] picture = jpeg(Duration.ZERO);
    for (int i = 0; i < 5; i++) {
      now = START.plusMillis(300L * i);
      send("front", i, Duration.ofMillis(300L * i), picture);
    }
    List<TestRecord<String, byte[]>> closed = read(TOPICS.classStatsWindowed());
    assertThat(closed).hasSize(1);
    WindowedStats first = Json.read(closed.get(0).value(), WindowedStats.class);
    assertThat(closed.get(0).key()).isEqualTo("front@1700000000000/1000");
    assertThat(first.frames()).isEqualTo(4);
    WindowedStats.ShareOverTime road = first.classes().get("road");
    assertThat(road.min()).isLessThanOrEqualTo(road.mean());
    assertThat(road.mean()).isLessThanOrEqualTo(road.max());
    pass(Duration.ofMinutes(2));
    assertThat(read(TOPICS.classStatsWindowed())).hasSize(2); // the second second, and the minute
  }

  @Test
  void replay_ofTheSameRecords_givesByteEqualMasks() throws Exception {
    List<List<byte[]>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      driver.close();
      start(replay().withReuse(ReuseConfig.of(Reuse.Policy.GUIDED)));
      now = START.plus(Duration.ofDays(3));
      for (int i = 0; i < 4; i++) {
        send("front", i, Duration.ofMillis(100L * i), jpeg(Duration.ofMillis(100L * i)));
      }
      List<byte[]> masks = new ArrayList<>();
      for (SegmentedFrame frame : segmented()) {
        masks.add(MaskCodec.decode(frame.getMask()).labels());
      }
      runs.add(masks);
    }
    assertThat(runs.get(0)).hasSize(4);
    for (int i = 0; i < 4; i++) {
      assertThat(runs.get(0).get(i)).isEqualTo(runs.get(1).get(i));
    }
  }

  @Test
  void operatorsRequest_resetsTheBankWithTheNextFrame() throws Exception {
    TestInputTopic<String, byte[]> control =
        driver.createInputTopic(
            TOPICS.control(), new StringSerializer(), new ByteArraySerializer());
    byte[] picture = jpeg(Duration.ZERO);
    send("front", 0, Duration.ZERO, picture);
    send("front", 1, Duration.ZERO, picture);
    control.pipeInput("front", "reset".getBytes(StandardCharsets.UTF_8));
    send("front", 2, Duration.ZERO, picture);
    send("front", 3, Duration.ZERO, picture);
    control.pipeInput("front", "rest".getBytes(StandardCharsets.UTF_8));
    List<SegmentedFrame> masks = segmented();
    assertThat(masks.get(2).getReuse().getResetReason()).isEqualTo("operator");
    assertThat(masks.get(2).getReuse().getFramesSinceReset()).isEqualTo(1);
    assertThat(masks.get(3).getReuse().getResetReason()).isEmpty();
    assertThat(read(TOPICS.deadLetters())).hasSize(1);
  }

  @Test
  void cameras_keepTheirOwnMemories() throws Exception {
    for (int i = 0; i < 3; i++) {
      now = START.plusMillis(100L * i);
      send("a", i, Duration.ofMillis(100L * i), jpeg(Duration.ofMillis(100L * i)));
    }
    send("b", 0, Duration.ofMillis(200), jpeg(Duration.ofSeconds(30)));
    KeyValueStore<String, CameraMemory> store = driver.getKeyValueStore(SegmentTopology.PROTOTYPES);
    assertThat(store.get("a").bank().frames()).isEqualTo(3);
    assertThat(store.get("b").bank().frames()).isEqualTo(1);
    assertThat(segmented().get(3).getReuse().getResetReason()).isEqualTo("first-frame");
  }
}
