package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.config.YamlReader;
import io.maskstream.event.Event;
import io.maskstream.event.Rule;
import io.maskstream.event.RuleState;
import io.maskstream.frame.FrameId;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ClassStats.ClassStat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RuleProcessorTest {
  private static final long START = 1_700_000_000_000L;
  private static final long SILENCE = RuleProcessor.SILENCE.toMillis();

  private final MockProcessorContext<String, Event> context = new MockProcessorContext<>();
  private final Metrics metrics = new Metrics();
  private final RuleProcessor processor =
      new RuleProcessor(
          List.of(
              YamlReader.defaults(
                  Rule.class,
                  Map.of("name", "car", "classes", List.of("car"), "above", 0.1, "hold", "0s"))),
          metrics);
  private KeyValueStore<String, RuleState> states;

  @BeforeEach
  void setUp() {
    states = TestStores.open(context, SegmentTopology.RULE_STATES, RuleState.class);
    processor.init(context);
  }

  @AfterEach
  void tearDown() {
    states.close();
  }

  private void frame(String camera, double car, long millis) {
    ClassStats stats =
        new ClassStats(
            new FrameId(camera, 7, millis - START, 0),
            "m@1",
            Map.of("car", new ClassStat(0, car, 1)),
            Map.of(),
            Map.of(),
            null);
    processor.process(new Record<>(camera, stats, millis));
  }

  private List<String> notices() {
    return context.forwarded().stream()
        .map(forward -> forward.record())
        .map(record -> record.key() + " " + ((Event) record.value()).notice())
        .toList();
  }

  private void tick(long nowMillis) {
    context.scheduledPunctuators().get(0).getPunctuator().punctuate(nowMillis);
  }

  @Test
  void silentCamera_endsItsEvent_afterTheTimeAndOnce() {
    frame("yard/gate", 0.5, START);
    assertThat(notices()).containsExactly("yard/gate started");
    tick(START + SILENCE);
    assertThat(notices()).hasSize(1);
    tick(START + SILENCE + 1);
    tick(START + SILENCE + 1_000);
    assertThat(notices()).containsExactly("yard/gate started", "yard/gate ended");
    Record<?, ?> end = context.forwarded().get(1).record();
    assertThat(end.timestamp()).isEqualTo(START + SILENCE + 1);
    assertThat(context.forwarded().get(1).childName()).contains(SegmentTopology.EVENTS_SINK);
    assertThat(metrics.count("maskstream_events_total", "notice", "ended")).isEqualTo(1);
  }

  @Test
  void silence_isOfEachCamera() {
    frame("a", 0.5, START);
    frame("b", 0.5, START + SILENCE);
    tick(START + SILENCE + 1);
    assertThat(notices()).containsExactly("a started", "b started", "a ended");
    assertThat(states.get("a/car")).isNull();
    assertThat(states.get("b/car")).isNotNull();
  }

  @Test
  void silentCameraWithoutAnEvent_isForgottenWithoutANotice() {
    frame("a", 0, START);
    tick(START + SILENCE + 1);
    assertThat(notices()).isEmpty();
    assertThat(states.get("a/car")).isNull();
  }

  @Test
  void stateOfARuleThatIsGone_isForgotten() {
    states.put("a/old rule", RuleState.idle(START, 0).withPhase(RuleState.Phase.ACTIVE));
    tick(START + SILENCE + 1);
    assertThat(notices()).isEmpty();
    assertThat(states.get("a/old rule")).isNull();
  }
}
