package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.FrameId;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ClassStats.ClassStat;
import io.maskstream.topic.WindowedStats;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WindowProcessorTest {
  private static final long START = 1_700_000_000_000L;

  private Instant now = Instant.EPOCH;
  private final MockProcessorContext<String, WindowedStats> context = new MockProcessorContext<>();
  private WindowProcessor processor = processor(true);
  private KeyValueStore<String, WindowAccumulator> open;

  private WindowProcessor processor(boolean live) {
    return new WindowProcessor(
        List.of(Duration.ofSeconds(1)), Duration.ofMillis(500), new TaskTime(live, this::now));
  }

  private Instant now() {
    return now;
  }

  @BeforeEach
  void setUp() {
    open = TestStores.open(context, SegmentTopology.OPEN_WINDOWS, WindowAccumulator.class);
    processor.init(context);
  }

  @AfterEach
  void tearDown() {
    open.close();
  }

  private void frame(String camera, long millis, double road) {
    ClassStats stats =
        new ClassStats(
            new FrameId(camera, 1, 0, Long.MIN_VALUE), // whatever a camera's clock says
            "m@1",
            Map.of("road", new ClassStat(1, road, 1)),
            Map.of(),
            Map.of(),
            road / 2,
            0);
    processor.process(new Record<>(camera, stats, millis));
  }

  private List<WindowedStats> forwarded() {
    return context.forwarded().stream()
        .map(forward -> (WindowedStats) forward.record().value())
        .toList();
  }

  private void tick(long nowMillis) {
    now = Instant.ofEpochMilli(nowMillis);
    context.scheduledPunctuators().get(0).getPunctuator().punctuate(nowMillis);
  }

  @Test
  void window_isOfTheRecordsTime_andClosedByTheFirstFrameAfterIt() {
    frame("a", START, 0.1);
    frame("a", START + 400, 0.5);
    frame("a", START + 999, 0.3);
    assertThat(forwarded()).isEmpty();
    frame("a", START + 1_000, 0.2);
    assertThat(forwarded()).hasSize(1);
    WindowedStats first = forwarded().get(0);
    assertThat(first.startMillis()).isEqualTo(START);
    assertThat(first.frames()).isEqualTo(3);
    WindowedStats.ShareOverTime road = first.classes().get("road");
    assertThat(road.min()).isEqualTo(0.1);
    assertThat(road.max()).isEqualTo(0.5);
    assertThat(road.mean()).isCloseTo(0.3, within());
    assertThat(road.changePerSecond()).isCloseTo((0.4 + 0.2) / 0.999, within());
    assertThat(context.forwarded().get(0).record().timestamp()).isEqualTo(START + 1_000);
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-9);
  }

  @Test
  void window_ofAQuietCamera_isClosedByTheClockAfterItsGrace() {
    frame("a", START, 0.1);
    tick(START + 3_500);
    assertThat(forwarded()).isEmpty();
    tick(START + 3_501);
    assertThat(forwarded()).hasSize(1);
    tick(START + 9_000);
    assertThat(forwarded()).hasSize(1);
  }

  /** Kafka's time of them is that of their arrival, which is no matter. */
  @Test
  void window_ofAReplay_isClosedByTheTimeOfItsFrames() {
    processor = processor(false);
    processor.init(context);
    long arrival = START + Duration.ofDays(400).toMillis();
    context.setCurrentStreamTimeMs(arrival);
    now = Instant.ofEpochMilli(arrival);
    frame("a", START, 0.1);
    replayTick(arrival + 20_000);
    now = Instant.ofEpochMilli(arrival + 21_000);
    frame("a", START + 400, 0.5);
    long idle = arrival + 21_000 + TaskTime.PATIENCE.toMillis();
    replayTick(idle + 3_100);
    assertThat(forwarded()).isEmpty();
    replayTick(idle + 3_101); // no frame since then
    assertThat(forwarded()).hasSize(1);
    assertThat(forwarded().get(0).frames()).isEqualTo(2);
  }

  @Test
  void windows_ofAReplay_goByTheFramesOfTheirOwnCamera() {
    processor = processor(false);
    processor.init(context);
    frame("later", START + Duration.ofHours(1).toMillis(), 0.1);
    frame("earlier", START, 0.1);
    replayTick(1_000);
    assertThat(forwarded()).isEmpty();
  }

  private void replayTick(long nowMillis) {
    now = Instant.ofEpochMilli(nowMillis);
    context.scheduledPunctuators().get(1).getPunctuator().punctuate(nowMillis);
  }

  @Test
  void lateFrame_ofAWindowThatTheClockClosed_isIgnored() {
    frame("a", START, 0.1);
    tick(START + 3_501);
    frame("a", START + 900, 0.9);
    frame("a", START + 1_100, 0.2);
    tick(START + 9_000);
    assertThat(forwarded())
        .extracting(WindowedStats::startMillis)
        .containsExactly(START, START + 1_000);
    assertThat(forwarded().get(0).frames()).isEqualTo(1);
  }

  @Test
  void lateFrame_ofAClosedWindow_isIgnored() {
    frame("a", START + 1_000, 0.1);
    frame("a", START + 999, 0.9);
    tick(START + 9_000);
    assertThat(forwarded()).hasSize(1);
    assertThat(forwarded().get(0).frames()).isEqualTo(1);
  }

  @Test
  void cameras_haveWindowsOfTheirOwn() {
    frame("a", START, 0.1);
    frame("b", START + 1_500, 0.2);
    assertThat(forwarded()).isEmpty();
  }

  /** As an older version could leave it in the changelog. */
  @Test
  void windowThatCannotBeSent_isGoneAfterOneTry_andHoldsNoOtherUp() {
    WindowAccumulator broken =
        new WindowAccumulator("a", Long.MIN_VALUE / 2, 1_000, 0, 0, 0, Map.of(), null);
    open.put("a/1000", broken);
    frame("b", START, 0.1);
    tick(START + 9_000);
    assertThat(forwarded().stream().map(WindowedStats::camera)).contains("b");
    context.resetForwards();
    tick(START + 10_000);
    assertThat(forwarded()).isEmpty();
  }

  @Test
  void unknown_hasItsShareOverTheWindow() {
    frame("a", START, 0.1);
    frame("a", START + 500, 0.3);
    frame("a", START + 1_000, 0.1);
    WindowedStats.ShareOverTime unknown = forwarded().get(0).unknown();
    assertThat(unknown).isNotNull();
    assertThat(unknown.min()).isEqualTo(0.05);
    assertThat(unknown.mean()).isCloseTo(0.1, Offset.offset(1e-9));
    assertThat(unknown.max()).isEqualTo(0.15);
    assertThat(unknown.changePerSecond()).isCloseTo(0.2, Offset.offset(1e-9));
  }

  @Test
  void failureInAPunctuator_leavesNoWindowForTheNext() {
    frame("a", START, 0.1);
    MockProcessorContext<String, WindowedStats> failing =
        new MockProcessorContext<>() {
          @Override
          public <K extends String, V extends WindowedStats> void forward(
              Record<K, V> record, String child) {
            throw new IllegalStateException("the sink is broken");
          }
        };
    failing.addStateStore(open);
    WindowProcessor other = processor(true);
    other.init(failing);
    now = Instant.ofEpochMilli(START + 9_000);
    assertThatThrownBy(
            () -> failing.scheduledPunctuators().get(0).getPunctuator().punctuate(START + 9_000))
        .hasMessage("the sink is broken");
    tick(START + 10_000);
    assertThat(forwarded()).isEmpty();
  }
}
