package io.maskstream.stream;

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
import io.maskstream.rollout.ModelSlot;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.HeldPictures;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.v1.SegmentedFrame;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topologies whose frames come without pictures, which are held in the process. */
class HeldFramesTest {
  private static final TopicNames TOPICS = LiveSetup.TOPICS.names();
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir private static Path bundles;
  private static LoadedModel model;

  @TempDir private Path state;
  private final Metrics metrics = new Metrics();
  private final HeldPictures held = new HeldPictures(100_000);
  private Instant now = START;
  private SegmentWorker.Setup setup;
  private TopologyTestDriver driver;
  private TestInputTopic<String, byte[]> frames;

  @BeforeAll
  static void loadModel() throws Exception {
    model = LiveSetup.model(bundles.resolve("m"));
  }

  @AfterAll
  static void closeModel() {
    model.close();
  }

  private void start(Optional<HeldPictures> pictures, Optional<Duration> maxAge) {
    ModelSlot slot = LiveSetup.slot(model, metrics);
    SegmentWorker.Parts parts =
        LiveSetup.parts(camera -> slot, pictures, maxAge, metrics, FrameTraces.none(), () -> now);
    setup = SegmentWorker.setup(parts);
    Properties properties = new Properties();
    properties.putAll(SegmentWorker.settings(parts, setup, state));
    driver = new TopologyTestDriver(setup.topology(), properties, START);
    frames =
        driver.createInputTopic(TOPICS.frames(), new StringSerializer(), new ByteArraySerializer());
  }

  private void start() {
    start(Optional.of(held), Optional.of(Duration.ofMillis(500)));
  }

  @AfterEach
  void tearDown() {
    driver.close();
    setup.dispatcher().ifPresent(dispatcher -> dispatcher.close());
  }

  private FrameId id(long sequence) {
    return new FrameId("a", 1, sequence, 1_000 * now.toEpochMilli());
  }

  private void send(long sequence, byte[] value, boolean isHeld) {
    RecordHeaders headers = new RecordHeaders();
    new FrameMetadata(id(sequence), WIDTH, HEIGHT, ContentType.JPEG, WIDTH, HEIGHT, isHeld)
        .writeTo(headers);
    frames.pipeInput(new TestRecord<>("a", value, headers, now));
    await()
        .pollInterval(Duration.ofMillis(2))
        .atMost(TIMEOUT)
        .until(
            () -> {
              driver.advanceWallClockTime(Duration.ofMillis(2));
              return setup.dispatcher().map(all -> all.waiting() == 0).orElse(true)
                  && setup.live().map(live -> live.unsettled().get() == 0).orElse(true);
            });
  }

  private void send(long sequence) {
    send(sequence, new byte[0], true);
  }

  private List<TestRecord<String, byte[]>> read(String topic) {
    return driver
        .createOutputTopic(topic, new StringDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private List<Long> segmented() throws Exception {
    List<Long> sequences = new ArrayList<>();
    for (TestRecord<String, byte[]> record : read(TOPICS.segmentedFrames())) {
      sequences.add(SegmentedFrame.parseFrom(record.value()).getSequence());
    }
    return sequences;
  }

  private List<String> drops() {
    driver.advanceWallClockTime(LiveProcessor.DROPS_INTERVAL);
    return read(TOPICS.drops()).stream()
        .map(record -> Json.read(record.value(), DropRecord.class))
        .map(drop -> drop.reason() + " " + drop.frame().sequence())
        .toList();
  }

  @Test
  void heldPicture_isSegmented_andFreed() throws Exception {
    start();
    held.put(id(0), PICTURE);
    send(0);
    assertThat(segmented()).containsExactly(0L);
    assertThat(held.bytes()).isZero();
    assertThat(drops()).isEmpty();
  }

  @Test
  void framesWithoutTheirPictures_areDroppedWithTheReason() throws Exception {
    start();
    send(0); // held by another process
    held.put(id(1), new byte[100_001]); // more than there is room for
    send(1);
    held.put(id(2), PICTURE);
    send(2);
    assertThat(drops()).containsExactly("PICTURE_GONE 0", "HOLD_FULL 1");
    assertThat(segmented()).containsExactly(2L);
    assertThat(metrics.text())
        .contains("{camera=\"a\",stage=\"segment\",reason=\"picture-gone\",} 1.0")
        .contains("{camera=\"a\",stage=\"segment\",reason=\"hold-full\",} 1.0");
  }

  /** Otherwise an operator would look for a slow worker. */
  @Test
  void framesOfAProcessThatIsOver_areGoneRatherThanStale() {
    start();
    FrameId old = id(0);
    now = now.plusSeconds(60);
    RecordHeaders headers = new RecordHeaders();
    new FrameMetadata(old, WIDTH, HEIGHT, ContentType.JPEG, WIDTH, HEIGHT, true).writeTo(headers);
    frames.pipeInput(new TestRecord<>("a", new byte[0], headers, START));
    assertThat(drops()).containsExactly("PICTURE_GONE 0");
  }

  @Test
  void staleFrames_areDroppedAndTheirPicturesFreed() {
    start();
    FrameId old = id(0);
    held.put(old, PICTURE);
    now = now.plusSeconds(1);
    RecordHeaders headers = new RecordHeaders();
    new FrameMetadata(old, WIDTH, HEIGHT, ContentType.JPEG, WIDTH, HEIGHT, true).writeTo(headers);
    frames.pipeInput(new TestRecord<>("a", new byte[0], headers, START));
    assertThat(drops()).containsExactly("STALE 0");
    assertThat(held.bytes()).isZero();
  }

  @Test
  void deadLetters_carryNoPicture() throws Exception {
    start();
    held.put(id(0), new byte[] {1, 2, 3});
    send(0); // cannot be decoded
    send(1, PICTURE, false); // somebody else's, which must not be in Kafka
    List<TestRecord<String, byte[]>> dead = read(TOPICS.deadLetters());
    assertThat(dead).hasSize(2).allMatch(record -> record.value().length == 0);
    assertThat(dead.get(0).headers().toString()).contains("failure");
    assertThat(segmented()).isEmpty();
    assertThat(drops()).isEmpty();
  }

  @Test
  void replay_dropsFramesWithoutPictures() throws Exception {
    start(Optional.empty(), Optional.empty());
    send(0);
    send(1, PICTURE, false);
    assertThat(drops()).containsExactly("PICTURE_GONE 0");
    assertThat(segmented()).containsExactly(1L);
  }
}
