package io.maskstream.stream;

import static io.maskstream.stream.LiveSetup.FORGET_AFTER;
import static io.maskstream.stream.LiveSetup.HEIGHT;
import static io.maskstream.stream.LiveSetup.PICTURE;
import static io.maskstream.stream.LiveSetup.START;
import static io.maskstream.stream.LiveSetup.WIDTH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.maskstream.frame.FrameId;
import io.maskstream.inference.Arrivals;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ServedModel;
import io.maskstream.inference.TestBundles;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.rollout.ShadowRule;
import io.maskstream.topic.CameraMemorySerde;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.TraceHeader;
import io.maskstream.topic.v1.SegmentedFrame;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the live path does with what its task's last owner left, and when it forgets a camera. */
class LiveProcessorTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(2);

  @TempDir private static Path bundles;
  private static LoadedModel model;

  private final Metrics metrics = new Metrics();
  private final RecordingTraces traces = new RecordingTraces();
  private final MockProcessorContext<String, Object> context = new MockProcessorContext<>();
  private Instant now = START;
  private ModelSlot slot;
  private LiveProcessor.Parts parts;
  private LiveProcessor processor;
  private KeyValueStore<String, CameraMemory> memories;
  private KeyValueStore<String, PendingFrames> pending;
  private KeyValueStore<String, byte[]> requests;

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
    SegmentWorker.Setup setup =
        SegmentWorker.setup(LiveSetup.parts(camera -> slot, metrics, traces, () -> now));
    parts = setup.live().orElseThrow();
    memories = store(SegmentTopology.PROTOTYPES, CameraMemorySerde.serde());
    pending = store(SegmentTopology.PENDING, PendingFrames.serde());
    requests = store(SegmentTopology.REQUESTS, Serdes.ByteArray());
    store(SegmentTopology.OFFSETS, Serdes.Long());
    processor = new LiveProcessor(parts);
  }

  @AfterEach
  void tearDown() {
    processor.close();
    parts.dispatcher().close();
  }

  private <V> KeyValueStore<String, V> store(String name, Serde<V> values) {
    KeyValueStore<String, V> store =
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), values)
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    context.addStateStore(store);
    return store;
  }

  /** A frame that is captured and read now. */
  private void process(String camera, long sequence) {
    process(camera, sequence, now);
  }

  /** A frame that is captured and in the topic at a time, and read now. */
  private void process(String camera, long sequence, Instant captured) {
    process(camera, sequence, captured, PICTURE);
  }

  private void process(String camera, long sequence, Instant captured, byte[] value) {
    RecordHeaders headers = new RecordHeaders();
    FrameId id = new FrameId(camera, 1, sequence, 1_000 * captured.toEpochMilli());
    new FrameMetadata(id, WIDTH, HEIGHT, ContentType.JPEG).writeTo(headers);
    TraceHeader.put(headers, "parent of " + id.text());
    context.setRecordMetadata("live.frames", 0, sequence);
    processor.process(new Record<>(camera, value, captured.toEpochMilli(), headers));
  }

  /**
   * The first punctuation takes what lanes have brought, the second forgets cameras, the third
   * sends what was dropped.
   */
  private void punctuate(int which) {
    context.scheduledPunctuators().get(which).getPunctuator().punctuate(now.toEpochMilli());
  }

  private void settle() {
    await()
        .pollInterval(POLL)
        .atMost(TIMEOUT)
        .until(
            () -> {
              punctuate(0);
              return parts.dispatcher().waiting() == 0 && parts.unsettled().get() == 0;
            });
  }

  private void sweepAt(Instant time) {
    now = time;
    punctuate(1);
  }

  private List<DropRecord> drops() {
    return values(DropRecord.class);
  }

  private <T> List<T> values(Class<T> type) {
    return context.forwarded().stream()
        .map(forward -> forward.record().value())
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private void leaveFrames(String camera, long... sequences) {
    pending.put(
        camera,
        new PendingFrames(
            java.util.Arrays.stream(sequences)
                .mapToObj(n -> new FrameId(camera, 1, n, 1_000 * START.toEpochMilli()))
                .toList()));
  }

  @Test
  void framesOfTheLastOwner_areDroppedOnce_beforeAnythingIsRead() {
    leaveFrames("a", 3, 4);
    leaveFrames("b", 9);
    processor.init(context);
    now = START.plusMillis(1_200);
    punctuate(0);
    assertThat(drops())
        .extracting(drop -> drop.frame().camera() + drop.frame().sequence())
        .containsExactlyInAnyOrder("a3", "a4", "b9");
    assertThat(drops()).allMatch(drop -> drop.reason() == DropRecord.Reason.WORKER_LOST);
    assertThat(drops()).allMatch(drop -> drop.ageMicros() == 1_200_000);
    assertThat(pending.get("a")).isNull();
    assertThat(pending.get("b")).isNull();
    assertThat(metrics.text())
        .contains(
            "maskstream_frames_dropped_total{camera=\"a\",stage=\"segment\",reason=\"worker-lost\",}"
                + " 2.0");
    long micros = 1_000 * now.toEpochMilli();
    assertThat(traces.ended())
        .contains(new RecordingTraces.Ended("a/1/3", Optional.empty(), "worker-lost", micros));
    punctuate(0);
    assertThat(drops()).hasSize(3);
  }

  /** They go to all partitions, and a camera may come here much later. */
  @Test
  void requestForACameraThatIsElsewhere_isForgotten() {
    processor.init(context);
    process("here", 0);
    settle();
    requests.put("here", new byte[1]);
    requests.put("elsewhere", new byte[1]);
    sweepAt(START.plusSeconds(1));
    process("here", 1);
    settle();
    sweepAt(START.plusSeconds(1).plus(parts.forgetAfter()));
    assertThat(requests.get("elsewhere")).isNotNull();
    process("here", 2);
    settle();
    requests.put("here", new byte[1]);
    sweepAt(START.plusSeconds(2).plus(parts.forgetAfter()));
    assertThat(requests.get("elsewhere")).isNull();
    assertThat(requests.get("here")).isNotNull();
  }

  @Test
  void outcomes_areInTheTraceWithTheirTimes() {
    processor.init(context);
    now = START.plusMillis(100);
    process("a", 0, START);
    settle();
    long micros = 1_000 * now.toEpochMilli();
    assertThat(traces.segmented()).hasSize(1);
    RecordingTraces.Segmented segmented = traces.segmented().get(0);
    assertThat(segmented.frame()).isEqualTo("a/1/0");
    assertThat(segmented.parent()).contains("parent of a/1/0");
    assertThat(segmented.steps().startMicros()).isEqualTo(micros);
    assertThat(segmented.steps().endMicros()).isEqualTo(micros);
    assertThat(segmented.steps().inferenceMicros()).isPositive();
    assertThat(TraceHeader.of(context.forwarded().get(0).record().headers())).contains("a/1/0");
    now = START.plusMillis(700);
    process("a", 1, START.plusMillis(100));
    punctuate(2);
    assertThat(traces.ended())
        .containsExactly(
            new RecordingTraces.Ended(
                "a/1/1", Optional.of("parent of a/1/1"), "stale", 1_000 * now.toEpochMilli()));
    assertThat(metrics.text())
        .contains(
            "maskstream_frames_dropped_total{camera=\"a\",stage=\"segment\",reason=\"stale\",} 1.0");
  }

  /** More frames than a lane has time for. */
  private void overload() {
    passesTake(Duration.ofMillis(150));
    for (int i = 0; i < 1_000; i++) {
      parts.overload().arrived(Overload.Demand.MASK);
    }
  }

  private List<Long> propagatedMicros() {
    return values(SegmentedFrame.class).stream()
        .map(frame -> frame.getReuse().getPropagatedMicros())
        .toList();
  }

  @Test
  void overload_propagatesMasks_forNoLongerThanItMay() {
    processor.init(context);
    for (int i = 0; i < 16; i++) {
      now = START.plusMillis(400L * i);
      overload();
      process("a", i);
      settle();
    }
    List<Long> propagated = propagatedMicros();
    assertThat(propagated.subList(0, 2)).containsExactly(0L, 400_000L);
    assertThat(propagated).contains(2_800_000L).allMatch(micros -> micros <= 3_000_000);
    assertThat(values(ClassStats.class))
        .extracting(ClassStats::propagatedMicros)
        .containsAll(propagated);
    long count = propagated.stream().filter(micros -> micros > 0).count();
    assertThat(metrics.text())
        .contains(
            "maskstream_frames_propagated_total{camera=\"a\",cause=\"overload\",} %d.0"
                .formatted(count))
        .contains("maskstream_frames_segmented_total{camera=\"a\",} 16.0")
        .contains("stage=\"propagation\"");
    assertThat(drops()).isEmpty();
  }

  /** Whatever this model's have taken. */
  private void passesTake(Duration time) {
    for (int i = 0; i < 100; i++) {
      parts.overload().served(time.toNanos(), false);
    }
  }

  /** Frames from the first to before the last, at 25 per second. */
  private void processFast(int first, int last) {
    for (int i = first; i < last; i++) {
      now = START.plusMillis(40L * i);
      passesTake(
          Duration.ofMillis(200)); // or a lane that comes late would find that it has waited long
      process("a", i);
      settle();
    }
  }

  @Test
  void framesFasterThanPasses_arePropagated_andHaveTheirPassesBeside() {
    processor.init(context);
    processFast(0, 8);
    assertThat(propagatedMicros().get(0)).isZero();
    assertThat(propagatedMicros().subList(1, 8)).containsOnly(40_000L);
    assertThat(metrics.text())
        .contains("maskstream_frames_propagated_total{camera=\"a\",cause=\"rate\",} 7.0")
        .contains("maskstream_stage_seconds_count{camera=\"a\",stage=\"inference\",} 8.0")
        .contains("maskstream_bank_frames{camera=\"a\",} 8.0");
    assertThat(memories.get("a")).isNotNull();
  }

  private static FrameRecord frame(Instant captured) {
    long micros = 1_000 * captured.toEpochMilli();
    return new FrameRecord(
        new FrameMetadata(new FrameId("a", 1, 0, micros), WIDTH, HEIGHT, ContentType.JPEG),
        PICTURE,
        new RecordHeaders(),
        captured.toEpochMilli(),
        micros,
        new FrameRecord.Origin("live.frames", 0, 0));
  }

  private CameraMemory memoryAt(Instant captured) {
    AtomicReference<CameraMemory> memory = new AtomicReference<>();
    try (FrameSegmentation.Work work = parts.segmentation().begin(frame(captured))) {
      work.segment(null, Optional.empty(), outcome -> memory.set(outcome.memory()));
    }
    return memory.get();
  }

  private CameraMemory propagated(Instant captured, CameraMemory before) {
    AtomicReference<CameraMemory> memory = new AtomicReference<>();
    Propagation propagation = new Propagation(40_000, Propagation.Cause.RATE, false);
    try (FrameSegmentation.Work work = parts.segmentation().begin(frame(captured))) {
      assertThat(work.propagate(before, propagation, outcome -> memory.set(outcome.memory())))
          .isTrue();
    }
    return memory.get();
  }

  @Test
  void passBesideMasks_catchesUpWithThem() {
    CameraMemory before = memoryAt(START);
    CameraMemory latest =
        propagated(START.plusMillis(80), memoryAt(START.plusMillis(40)).withMotion());
    AtomicReference<CameraMemory> fresh = new AtomicReference<>();
    try (FrameSegmentation.Work work = parts.segmentation().begin(frame(START.plusMillis(40)))) {
      work.refresh(before, () -> latest, found -> fresh.set(found.orElseThrow()));
    }
    assertThat(fresh.get().last()).isEqualTo(latest.last());
    assertThat(fresh.get().bank().frames()).isEqualTo(before.bank().frames() + 1);
  }

  @Test
  void passThatFailsBesideItsMasks_isFollowedByADeadLetter(@TempDir Path folder) throws Exception {
    LoadedModel broken = LiveSetup.model(folder);
    slot = LiveSetup.slot(broken, metrics);
    processor.init(context);
    processFast(0, 2);
    broken.close();
    processFast(2, 4);
    assertThat(propagatedMicros()).containsExactly(0L, 40_000L, 40_000L);
    assertThat(traces.ended()).extracting(RecordingTraces.Ended::frame).containsExactly("a/1/3");
    assertThat(traces.ended())
        .extracting(RecordingTraces.Ended::outcome)
        .containsExactly("dead-letter");
  }

  /** As Kafka Streams does where a record was not acknowledged in time. */
  @Test
  void taskThatIsRevived_servesItsCameras_andKnowsNothingOfItsLifeBefore() {
    processor.init(context);
    process("a", 0);
    settle();
    process("a", 1);
    await().atMost(TIMEOUT).until(() -> parts.unsettled().get() == 1);
    processor.close();
    assertThat(parts.unsettled()).hasValue(0);
    context.resetForwards();
    processor.init(context);
    now = START.plusMillis(200);
    process("a", 2);
    settle();
    assertThat(values(SegmentedFrame.class))
        .extracting(SegmentedFrame::getSequence)
        .containsExactly(2L);
    assertThat(drops()).extracting(drop -> drop.frame().sequence()).containsExactly(1L);
    assertThat(pending.get("a")).isNull();
  }

  @Test
  void cameraOfATaskThatMoved_isCountedHereAndDescribedElsewhere() {
    processor.init(context);
    process("a", 0);
    settle();
    assertThat(metrics.text()).contains("maskstream_class_share_ratio{camera=\"a\"");
    processor.close();
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(metrics.text())
                    .doesNotContain("maskstream_class_share_ratio{")
                    .doesNotContain("maskstream_bank_frames{")
                    .doesNotContain("maskstream_camera_clock_offset_seconds{")
                    .contains("maskstream_frames_segmented_total{camera=\"a\",} 1.0"));
  }

  @Test
  void outcomeAfterTheTasksEnd_isForNobody() {
    OutcomeQueue queue = new OutcomeQueue(parts.unsettled());
    Outcome late = new Outcome.Poison(frame(START), "late");
    queue.add(late);
    queue.end();
    queue.add(late);
    assertThat(parts.unsettled()).hasValue(0);
    queue.drain(outcome -> fail("there is none"));
    assertThat(parts.unsettled()).hasValue(0);
  }

  @Test
  void anotherNetworkOfTheSameNameAndVersion_resetsTheMemory(@TempDir Path folder)
      throws Exception {
    slot = LiveSetup.slot(LiveSetup.model(folder.resolve("first")), metrics);
    processor.init(context);
    processFast(0, 2);
    Path bundle = TestBundles.write(folder.resolve("other"), "m", "1", 1, TestBundles.otherTable());
    try (LoadedModel other = LoadedModel.load(ModelBundle.read(bundle), 1)) {
      slot.tryOut(
          ServedModel.of(other, Arrivals.unknown(), metrics),
          new ShadowRule(Duration.ZERO, 1),
          report -> {});
      processFast(2, 4);
    }
    assertThat(propagatedMicros()).containsExactly(0L, 40_000L, 0L, 40_000L);
    assertThat(metrics.text())
        .contains("maskstream_bank_resets_total{camera=\"a\",reason=\"model\",} 1.0");
  }

  @Test
  void clockThatIsSetBack_hasAForwardPass() {
    processor.init(context);
    for (int i = 0; i < 8; i++) {
      overload();
      process("a", i, START.minusMillis(50L * i));
      settle();
    }
    assertThat(propagatedMicros()).hasSize(8).containsOnly(0L);
  }

  @Test
  void resetRequest_hasAForwardPass_alsoUnderOverload() {
    processor.init(context);
    process("a", 0);
    settle();
    context
        .<KeyValueStore<String, byte[]>>getStateStore(SegmentTopology.REQUESTS)
        .put("a", new byte[] {1});
    for (int i = 1; i < 3; i++) {
      now = START.plusMillis(200L * i);
      overload();
      process("a", i);
      settle();
    }
    assertThat(propagatedMicros().get(1)).isZero();
    assertThat(values(SegmentedFrame.class).get(1).getReuse().getResetReason())
        .isEqualTo("operator");
  }

  @Test
  void withoutOverload_everyFrameHasAPass() {
    processor.init(context);
    for (int i = 0; i < 6; i++) {
      now = START.plusMillis(200L * i);
      process("a", i);
      settle();
    }
    assertThat(propagatedMicros()).hasSize(6).containsOnly(0L);
    assertThat(metrics.text()).doesNotContain("maskstream_frames_propagated_total{");
  }

  @Test
  void framesOfTheLastOwner_areDroppedBeforeTheFirstFrameThatIsRead() {
    leaveFrames("a", 3);
    processor.init(context);
    process("a", 4);
    assertThat(drops()).extracting(drop -> drop.frame().sequence()).containsExactly(3L);
    assertThat(pending.get("a").frames()).extracting(FrameId::sequence).containsExactly(4L);
    settle();
    assertThat(pending.get("a")).isNull();
  }

  @Test
  void pictureThatCannotBeDecoded_endsItsTrace() {
    processor.init(context);
    process("a", 0, START, new byte[] {1, 2, 3});
    settle();
    assertThat(traces.ended())
        .containsExactly(
            new RecordingTraces.Ended(
                "a/1/0",
                Optional.of("parent of a/1/0"),
                "dead-letter",
                1_000 * START.toEpochMilli()));
  }

  @Test
  void cameraWithoutFrames_isForgottenAfterTheTimeAndNotBefore() {
    processor.init(context);
    process("a", 0);
    settle();
    sweepAt(START.plus(FORGET_AFTER));
    assertThat(memories.get("a")).isNotNull();
    assertThat(metrics.text()).contains("maskstream_frames_segmented_total{camera=\"a\",}");
    sweepAt(START.plus(FORGET_AFTER).plusMillis(1));
    assertThat(memories.get("a")).isNull();
    assertThat(metrics.text()).doesNotContain("camera=\"a\"");
    process("a", 1); // compared with nothing
    settle();
    assertThat(metrics.text()).doesNotContain("maskstream_label_flip_ratio{");
    process("a", 2);
    settle();
    assertThat(metrics.text()).contains("maskstream_label_flip_ratio{camera=\"a\",}");
    assertThat(values(SegmentedFrame.class)).hasSize(3);
  }

  @Test
  void memoryOfACameraThatNeverCame_isForgottenAfterTheTimeAndNotBefore() {
    processor.init(context);
    process("a", 0);
    settle();
    memories.put("old", memories.get("a"));
    sweepAt(START.plus(FORGET_AFTER));
    assertThat(memories.get("old")).isNotNull();
    sweepAt(START.plus(FORGET_AFTER).plusMillis(1));
    assertThat(memories.get("old")).isNull();
  }
}
