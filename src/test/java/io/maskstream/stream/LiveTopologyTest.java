package io.maskstream.stream;

import static io.maskstream.stream.LiveSetup.FORGET_AFTER;
import static io.maskstream.stream.LiveSetup.HEIGHT;
import static io.maskstream.stream.LiveSetup.PICTURE;
import static io.maskstream.stream.LiveSetup.START;
import static io.maskstream.stream.LiveSetup.WIDTH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.frame.FrameId;
import io.maskstream.inference.LoadedModel;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.ExpiredRange;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.v1.SegmentedFrame;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live topology with a small model, one lane that can be held, and no broker. */
class LiveTopologyTest {
  private static final TopicNames TOPICS = LiveSetup.TOPICS.names();
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(2);

  @TempDir private static Path bundles;
  private static LoadedModel model;

  @TempDir private Path state;
  private final Metrics metrics = new Metrics();
  private final Semaphore lane = new Semaphore(1_000);
  private ModelSlot slot;
  private Instant now = START;
  private boolean broken;
  private SegmentWorker.Setup setup;
  private TopologyTestDriver driver;
  private boolean closed;
  private TestInputTopic<String, byte[]> frames;

  @BeforeAll
  static void loadModel() throws Exception {
    model = LiveSetup.model(bundles.resolve("m"));
  }

  @AfterAll
  static void closeModel() {
    model.close();
  }

  @BeforeEach
  void setUp() {
    slot = LiveSetup.slot(model, metrics);
    SegmentWorker.Parts parts = LiveSetup.parts(this::slot, metrics, FrameTraces.none(), () -> now);
    setup = SegmentWorker.setup(parts);
    Properties properties = new Properties();
    properties.putAll(SegmentWorker.settings(parts, setup, state));
    driver = new TopologyTestDriver(setup.topology(), properties, START);
    frames =
        driver.createInputTopic(TOPICS.frames(), new StringSerializer(), new ByteArraySerializer());
  }

  /** Called by the lane for every frame: where it can be held, and where the model breaks. */
  private ModelSlot slot(String camera) {
    lane.acquireUninterruptibly();
    if (broken) {
      throw new IllegalStateException("the engine is broken");
    }
    return slot;
  }

  @AfterEach
  void tearDown() {
    lane.release(1_000);
    if (!closed) {
      driver.close();
    }
    setup.dispatcher().orElseThrow().close();
  }

  private void holdTheLane() {
    lane.drainPermits();
  }

  /** A frame that is captured now by its camera's clock, and reaches the broker now. */
  private void send(String camera, long sequence, Duration clockBehind, byte[] value) {
    RecordHeaders headers = new RecordHeaders();
    long micros = 1_000 * now.minus(clockBehind).toEpochMilli();
    new FrameMetadata(new FrameId(camera, 1, sequence, micros), WIDTH, HEIGHT, ContentType.JPEG)
        .writeTo(headers);
    frames.pipeInput(new TestRecord<>(camera, value, headers, now));
  }

  private void send(String camera, long sequence) {
    send(camera, sequence, Duration.ZERO, PICTURE);
  }

  private void awaitLane() {
    await().pollInterval(POLL).atMost(TIMEOUT).until(() -> lane.hasQueuedThreads());
  }

  /** Lets lanes end what they have, and the stream thread settle it. */
  private void settle() {
    await()
        .pollInterval(POLL)
        .atMost(TIMEOUT)
        .until(
            () -> {
              driver.advanceWallClockTime(Duration.ofMillis(2));
              return setup.dispatcher().orElseThrow().waiting() == 0
                  && setup.live().orElseThrow().unsettled().get() == 0;
            });
  }

  private List<TestRecord<String, byte[]>> read(String topic) {
    return driver
        .createOutputTopic(topic, new StringDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private List<SegmentedFrame> segmented() throws Exception {
    List<SegmentedFrame> result = new ArrayList<>();
    for (TestRecord<String, byte[]> record : read(TOPICS.segmentedFrames())) {
      result.add(SegmentedFrame.parseFrom(record.value()));
    }
    return result;
  }

  private List<Long> sequences() throws Exception {
    return segmented().stream().map(SegmentedFrame::getSequence).toList();
  }

  private List<String> drops() {
    driver.advanceWallClockTime(LiveProcessor.DROPS_INTERVAL);
    return read(TOPICS.drops()).stream()
        .map(record -> Json.read(record.value(), DropRecord.class))
        .map(drop -> drop.reason() + " " + drop.frame().sequence())
        .toList();
  }

  private List<Long> pending(String camera) {
    KeyValueStore<String, PendingFrames> store = driver.getKeyValueStore(SegmentTopology.PENDING);
    PendingFrames found = store.get(camera);
    return found == null ? List.of() : found.frames().stream().map(FrameId::sequence).toList();
  }

  @Test
  void newestFrame_wins_andEveryDisplacedOneHasARecord() throws Exception {
    holdTheLane();
    send("a", 0);
    awaitLane();
    for (int i = 1; i <= 4; i++) {
      send("a", i);
    }
    assertThat(pending("a")).containsExactly(0L, 1L, 2L, 3L, 4L); // no outcome was sent yet
    assertThat(drops()).containsExactly("SUPERSEDED 1", "SUPERSEDED 2", "SUPERSEDED 3");
    assertThat(pending("a")).containsExactly(0L, 4L); // in work, in the mailbox
    lane.release(2);
    settle();
    assertThat(sequences()).containsExactly(0L, 4L);
    assertThat(pending("a")).isEmpty();
    assertThat(read(TOPICS.classStats())).hasSize(2);
  }

  @Test
  void bank_goesFromFrameToFrame_andIsStored() throws Exception {
    for (int i = 0; i < 3; i++) {
      now = START.plusMillis(600L * i);
      send("a", i);
      settle();
    }
    List<SegmentedFrame> masks = segmented();
    assertThat(masks).hasSize(3);
    assertThat(masks.get(2).getReuse().getFramesSinceReset()).isEqualTo(3);
    KeyValueStore<String, CameraMemory> store = driver.getKeyValueStore(SegmentTopology.PROTOTYPES);
    assertThat(store.get("a").bank().frames()).isEqualTo(3); // 1.2 s after the first
  }

  @Test
  void cameras_shareTheLaneInTurn() throws Exception {
    holdTheLane();
    send("fast", 0);
    awaitLane();
    send("slow", 0);
    send("fast", 1);
    lane.release(3);
    settle();
    assertThat(segmented().stream().map(SegmentedFrame::getCamera))
        .containsExactly("fast", "slow", "fast");
  }

  @Test
  void staleFrame_isDropped_andTheNextOneInTimeIsNot() throws Exception {
    RecordHeaders headers = new RecordHeaders();
    long micros = 1_000 * now.toEpochMilli();
    new FrameMetadata(new FrameId("a", 1, 0, micros), WIDTH, HEIGHT, ContentType.JPEG)
        .writeTo(headers);
    now = START.plusMillis(501); // read late
    frames.pipeInput(new TestRecord<>("a", PICTURE, headers, START));
    Instant sent = now;
    RecordHeaders next = new RecordHeaders();
    new FrameMetadata(
            new FrameId("a", 1, 1, 1_000 * sent.toEpochMilli()), WIDTH, HEIGHT, ContentType.JPEG)
        .writeTo(next);
    now = sent.plusMillis(500); // as old as a frame may be
    frames.pipeInput(new TestRecord<>("a", PICTURE, next, sent));
    settle();
    assertThat(drops()).containsExactly("STALE 0");
    assertThat(sequences()).containsExactly(1L);
  }

  @Test
  void frameThatWaitedTooLongForItsTurn_isDroppedByTheLane() throws Exception {
    holdTheLane();
    send("a", 0);
    awaitLane();
    send("a", 1);
    send("b", 0);
    now = START.plusMillis(500);
    lane.release(1);
    await()
        .pollInterval(POLL)
        .atMost(TIMEOUT)
        .until(() -> setup.live().orElseThrow().unsettled().get() == 1);
    awaitLane(); // the other camera's frame, as old as it may be
    now = START.plusMillis(501);
    lane.release(1);
    settle();
    assertThat(segmented()).extracting(SegmentedFrame::getCamera).containsExactly("a", "b");
    assertThat(drops()).containsExactly("STALE 1");
  }

  @Test
  void backlog_doesNotPileUpUntilTheNextRound() {
    holdTheLane();
    send("a", 0);
    awaitLane();
    for (int i = 1; i <= LiveProcessor.MOST_DROPPED + 2; i++) {
      send("a", i);
    }
    assertThat(pending("a")).hasSize(3); // in work, in the mailbox, one that waits to be sent
    assertThat(drops()).hasSize(LiveProcessor.MOST_DROPPED + 1);
  }

  private void sendOfEpoch(long epoch, long sequence) {
    RecordHeaders headers = new RecordHeaders();
    FrameId id = new FrameId("a", epoch, sequence, 1_000 * now.toEpochMilli());
    new FrameMetadata(id, WIDTH, HEIGHT, ContentType.JPEG).writeTo(headers);
    frames.pipeInput(new TestRecord<>("a", PICTURE, headers, now));
    settle();
  }

  @Test
  void replacedConnection_isFenced_untilItsSuccessorIsSilent() throws Exception {
    sendOfEpoch(1, 0);
    sendOfEpoch(2, 0);
    sendOfEpoch(1, 1); // a process that does not know yet that it has lost the camera
    now = START.plusSeconds(10);
    sendOfEpoch(1, 2);
    now = now.plusMillis(1);
    sendOfEpoch(1, 3);
    assertThat(drops()).containsExactly("FENCED 1", "FENCED 2");
    assertThat(sequences()).containsExactly(0L, 0L, 3L);
  }

  @Test
  void cameraThatHasGone_isForgotten() throws Exception {
    send("a", 0);
    settle();
    assertThat(metrics.text()).contains("maskstream_frames_segmented_total{camera=\"a\",}");
    KeyValueStore<String, CameraMemory> store = driver.getKeyValueStore(SegmentTopology.PROTOTYPES);
    assertThat(store.get("a")).isNotNull();
    now = START.plus(FORGET_AFTER.plusMinutes(1));
    driver.advanceWallClockTime(FORGET_AFTER.plusMinutes(1));
    assertThat(metrics.text()).doesNotContain("camera=\"a\"");
    assertThat(store.get("a")).isNull();
  }

  @Test
  void clockOfACamera_behindOrAhead_neitherStarvesItNorSwitchesFreshnessOff() throws Exception {
    for (int i = 0; i < 40; i++) {
      now = START.plusMillis(100L * i);
      send("behind", i, Duration.ofMillis(700), PICTURE);
      send("ahead", i, Duration.ofMinutes(-2), PICTURE);
      settle();
    }
    assertThat(sequences()).hasSize(80);
    assertThat(metrics.text())
        .contains("maskstream_camera_clock_offset_seconds{camera=\"behind\",} 0.7")
        .contains("maskstream_camera_clock_offset_seconds{camera=\"ahead\",} -120.0");
    holdTheLane();
    send("ahead", 40, Duration.ofMinutes(-2), PICTURE);
    awaitLane();
    send("ahead", 41, Duration.ofMinutes(-2), PICTURE);
    now = now.plusMillis(501);
    lane.release(1);
    settle();
    assertThat(drops()).containsExactly("STALE 41");
  }

  @Test
  void pictureThatCannotBeDecoded_isADeadLetter_andTheNextFrameIsServed() throws Exception {
    send("a", 0, Duration.ZERO, new byte[] {1, 2, 3});
    send("b", 0);
    settle();
    send("a", 1);
    settle();
    List<TestRecord<String, byte[]>> dead = read(TOPICS.deadLetters());
    assertThat(dead).hasSize(1);
    assertThat(dead.get(0).value()).containsExactly(1, 2, 3);
    assertThat(text(dead.get(0), "failure"))
        .isEqualTo("the value is not a readable image/jpeg (3 bytes)");
    assertThat(text(dead.get(0), "failure-topic")).isEqualTo(TOPICS.frames());
    assertThat(metrics.text()).contains("maskstream_dead_letters_total 1.0");
    assertThat(text(dead.get(0), "failure-offset")).isEqualTo("0");
    assertThat(text(dead.get(0), "seq")).isEqualTo("0");
    assertThat(sequences()).containsExactly(0L, 1L);
    assertThat(pending("a")).isEmpty();
  }

  private static String text(TestRecord<String, byte[]> record, String header) {
    return new String(record.headers().lastHeader(header).value(), StandardCharsets.UTF_8);
  }

  @Test
  void frameThatFailsThreeTimes_isADeadLetter() throws Exception {
    broken = true;
    send("a", 0);
    settle();
    broken = false;
    send("a", 1);
    settle();
    List<TestRecord<String, byte[]>> dead = read(TOPICS.deadLetters());
    assertThat(dead).hasSize(1);
    assertThat(text(dead.get(0), "failure"))
        .isEqualTo("failed 3 times, last with: the engine is broken");
    assertThat(sequences()).containsExactly(1L);
  }

  @Test
  void offsetsThatJump_becomeOneRangeInTheDrops() throws Exception {
    for (int i = 0; i < 5; i++) {
      send("a", i);
      settle();
    }
    assertThat(read(TOPICS.drops())).isEmpty();
    KeyValueStore<String, Long> offsets = driver.getKeyValueStore(SegmentTopology.OFFSETS);
    assertThat(offsets.get(FrameOffsets.NEXT)).isEqualTo(5);
    offsets.put(FrameOffsets.NEXT, 2L); // as it was when the last worker ended
    send("a", 5);
    settle();
    offsets.put(FrameOffsets.NEXT, 9L); // read again after a crash
    send("a", 6);
    settle();
    List<TestRecord<String, byte[]>> drops = read(TOPICS.drops());
    assertThat(drops).hasSize(1);
    assertThat(drops.get(0).key()).isNull();
    assertThat(Json.read(drops.get(0).value(), ExpiredRange.class))
        .isEqualTo(ExpiredRange.of(TOPICS.frames(), 0, 2, 4));
    assertThat(metrics.text()).contains("maskstream_frames_expired_total 3.0");
    assertThat(sequences()).hasSize(7);
  }

  @Test
  void operatorsRequest_resetsTheBankOnce() throws Exception {
    TestInputTopic<String, byte[]> control =
        driver.createInputTopic(
            TOPICS.control(), new StringSerializer(), new ByteArraySerializer());
    send("a", 0);
    settle();
    control.pipeInput("a", "reset".getBytes(StandardCharsets.UTF_8));
    for (int i = 1; i <= 3; i++) {
      send("a", i);
      settle();
    }
    assertThat(segmented().stream().map(frame -> frame.getReuse().getResetReason()))
        .containsExactly("first-frame", "operator", "", "");
  }

  @Test
  void taskThatEnds_leavesItsFramesToTheNextOwner() throws Exception {
    holdTheLane();
    send("a", 0);
    awaitLane();
    send("a", 1);
    closed = true;
    driver.close(); // the partition is revoked while a frame is in work
    lane.release(1);
    await().atMost(TIMEOUT).until(() -> setup.dispatcher().orElseThrow().waiting() == 0);
    assertThat(setup.live().orElseThrow().unsettled()).hasValue(0); // nobody waits for it
  }
}
