package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.config.YamlReader;
import io.maskstream.event.Event;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.health.CameraHealthConfig;
import io.maskstream.health.HealthState;
import io.maskstream.health.PictureMeter;
import io.maskstream.metrics.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthProcessorTest {
  private static final long START = 1_700_000_000_000L;
  private static final long SILENCE = RuleProcessor.SILENCE.toMillis();
  private static final Duration FORGET_AFTER = Duration.ofMinutes(10);
  private static final String GAUGE = "maskstream_camera_condition";

  private Instant now = Instant.EPOCH;
  private final MockProcessorContext<String, Event> context = new MockProcessorContext<>();
  private final Metrics metrics = new Metrics();
  private HealthProcessor processor = processor("0s");
  private KeyValueStore<String, HealthState> states;

  private HealthProcessor processor(String hold) {
    return new HealthProcessor(
        YamlReader.defaults(
            CameraHealthConfig.class,
            Map.of("conditions", List.of("blinded"), "hold", hold, "releaseHold", "0s")),
        FORGET_AFTER,
        new TaskTime(true, this::now),
        metrics);
  }

  private Instant now() {
    return now;
  }

  @BeforeEach
  void setUp() {
    states = TestStores.open(context, SegmentTopology.HEALTH_STATES, HealthState.class);
    processor.init(context);
  }

  @AfterEach
  void tearDown() {
    states.close();
  }

  /** A black picture. */
  private void black(String camera, long millis) {
    Picture dark =
        new Picture(
            PictureMeter.WIDTH,
            PictureMeter.HEIGHT,
            new byte[3 * PictureMeter.WIDTH * PictureMeter.HEIGHT]);
    processor.process(
        new Record<>(
            camera,
            PictureMeter.measure(new FrameId(camera, 7, millis - START, 0), dark, false),
            millis));
  }

  private List<String> notices() {
    return context.forwarded().stream()
        .map(forward -> (Event) forward.record().value())
        .map(event -> event.data().camera() + " " + event.subject() + " " + event.notice())
        .toList();
  }

  private void tick(long nowMillis) {
    now = Instant.ofEpochMilli(nowMillis);
    context.scheduledPunctuators().get(0).getPunctuator().punctuate(nowMillis);
  }

  @Test
  void silentCamera_endsItsCondition_afterTheTimeAndOnce() {
    black("gate", START);
    assertThat(notices()).containsExactly("gate blinded started");
    assertThat(metrics.count(GAUGE, "camera", "gate")).isEqualTo(1);
    tick(START + SILENCE);
    assertThat(notices()).hasSize(1);
    tick(START + SILENCE + 1);
    tick(START + SILENCE + 1_000);
    assertThat(notices()).containsExactly("gate blinded started", "gate blinded ended");
    assertThat(metrics.count(GAUGE, "camera", "gate")).isZero();
    assertThat(metrics.count("maskstream_events_total", "notice", "ended")).isEqualTo(1);
  }

  @Test
  void silence_isNoPartOfAHold() {
    processor = processor("5s");
    processor.init(context);
    black("gate", START);
    now = Instant.ofEpochMilli(START + SILENCE + 1);
    context.scheduledPunctuators().get(1).getPunctuator().punctuate(now.toEpochMilli());
    long again = START + 60_000;
    black("gate", again);
    black("gate", again + 4_900);
    assertThat(notices()).isEmpty();
    black("gate", again + 5_000);
    assertThat(notices()).containsExactly("gate blinded started");
  }

  @Test
  void slowCamera_keepsItsConditionFromPictureToPicture() {
    for (int i = 0; i <= 4; i++) {
      black("gate", START + i * 60_000L);
      tick(START + i * 60_000L + 59_000);
    }
    assertThat(notices())
        .startsWith(
            "gate blinded started", // how slow it is shows with the second picture
            "gate blinded ended",
            "gate blinded started")
        .hasSize(6)
        .endsWith("gate blinded ongoing", "gate blinded ongoing", "gate blinded ongoing");
  }

  @Test
  void whatIsUsualForACamera_isForgottenAfterItsTimeOnly() {
    black("gate", START);
    black("door", START + 1);
    tick(START + FORGET_AFTER.toMillis());
    assertThat(states.get("gate")).isNotNull();
    tick(START + FORGET_AFTER.toMillis() + 1);
    assertThat(states.get("gate")).isNull();
    assertThat(states.get("door")).isNotNull();
  }

  @Test
  void ownerThatLeaves_reportsTheCameraNoMore() {
    black("gate", START);
    processor.close();
    assertThat(metrics.count(GAUGE, "camera", "gate")).isZero();
  }
}
