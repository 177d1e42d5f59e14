package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.config.YamlReader;
import io.maskstream.event.Event;
import io.maskstream.event.Rule;
import io.maskstream.event.RuleEvaluator;
import io.maskstream.event.RuleState;
import io.maskstream.frame.FrameId;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ClassStats.ClassStat;
import java.time.Instant;
import java.util.HashMap;
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

  private Instant now = Instant.EPOCH;
  private final MockProcessorContext<String, Event> context = new MockProcessorContext<>();
  private final Metrics metrics = new Metrics();
  private Map<String, RuleEvaluator> rules = RuleEvaluator.byName(List.of(car(0.1)));
  private final RuleProcessor processor =
      new RuleProcessor(() -> rules, new TaskTime(true, this::now), metrics);
  private KeyValueStore<String, RuleState> states;

  private static Rule car(double above, String... cameras) {
    return held("0s", above, cameras);
  }

  private static Rule held(String hold, double above, String... cameras) {
    return YamlReader.defaults(
        Rule.class,
        Map.of(
            "name",
            "car",
            "classes",
            List.of("car"),
            "above",
            above,
            "hold",
            hold,
            "cameras",
            List.of(cameras)));
  }

  private Instant now() {
    return now;
  }

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
    frame(camera, "car", car, millis);
  }

  private void frame(String camera, String name, double share, long millis) {
    ClassStats stats =
        new ClassStats(
            new FrameId(camera, 7, millis - START, 0),
            "m@1",
            Map.of(name, new ClassStat(0, share, 1)),
            Map.of(),
            Map.of(),
            null,
            0);
    processor.process(new Record<>(camera, stats, millis));
  }

  private List<String> notices() {
    return context.forwarded().stream()
        .map(forward -> forward.record())
        .map(record -> record.key() + " " + ((Event) record.value()).notice())
        .toList();
  }

  /** Notices but for those in between. */
  private List<String> ends() {
    return notices().stream().filter(notice -> !notice.endsWith("ongoing")).toList();
  }

  private void tick(long nowMillis) {
    now = Instant.ofEpochMilli(nowMillis);
    context.scheduledPunctuators().get(0).getPunctuator().punctuate(nowMillis);
  }

  private static Rule absence(Map<String, Object> more) {
    Map<String, Object> rule = new HashMap<>(more);
    rule.putAll(Map.of("name", "gone", "classes", List.of("person"), "below", 0, "hold", "0s"));
    return YamlReader.defaults(Rule.class, rule);
  }

  @Test
  void absence_isOfAClassThatTheModelKnows() {
    rules = RuleEvaluator.byName(List.of(absence(Map.of())));
    frame("gate", "car", 0, START);
    assertThat(notices()).isEmpty();
    frame("gate", "person", 0, START + 100);
    assertThat(notices()).containsExactly("gate started");
    frame("gate", "car", 0, START + 200); // another model
    assertThat(notices()).containsExactly("gate started", "gate ended");
    assertThat(states.get("gate/gone")).isNull();
  }

  @Test
  void absence_isOfAZoneThatTheCameraHas() {
    rules = RuleEvaluator.byName(List.of(absence(Map.of("zone", "corner"))));
    frame("gate", "person", 0, START);
    frame("gate", "person", 0, START + 60_000);
    assertThat(notices()).isEmpty();
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
    assertThat(states.get("a/car").open()).isFalse(); // kept: it tells how slow the camera is
    assertThat(states.get("b/car").open()).isTrue();
  }

  @Test
  void slowCamera_keepsItsEventFromFrameToFrame() {
    long minute = 60_000;
    frame("a", 0, START);
    for (int i = 1; i <= 5; i++) {
      tick(START + i * minute - 1_000);
      frame("a", 0.5, START + i * minute);
    }
    assertThat(ends()).containsExactly("a started");
    tick(START + 8 * minute);
    assertThat(ends()).hasSize(1);
    tick(START + 8 * minute + 1);
    assertThat(ends()).containsExactly("a started", "a ended");
  }

  /** At a frame a minute, the time of 90 s is over with the third. */
  @Test
  void slowCamera_startsAnEventThatMustHold() {
    rules = RuleEvaluator.byName(List.of(held("90s", 0.1)));
    for (int i = 0; i <= 4; i++) {
      frame("a", 0.5, START + i * 60_000L);
      tick(START + i * 60_000L + 59_000);
    }
    assertThat(ends()).containsExactly("a started");
  }

  @Test
  void silentCamera_letsWhatHasNotStartedBeginAgain() {
    rules = RuleEvaluator.byName(List.of(held("20s", 0.1)));
    frame("a", 0.5, START);
    tick(START + SILENCE + 1);
    frame("a", 0.5, START + SILENCE + 1_000);
    assertThat(notices()).isEmpty();
  }

  @Test
  void camerasThatAreGone_areForgottenWithoutANotice() {
    frame("a", 0, START);
    tick(START + 1_800_000);
    assertThat(states.get("a/car")).isNotNull();
    tick(START + 1_800_001);
    assertThat(notices()).isEmpty();
    assertThat(states.get("a/car")).isNull();
  }

  private Event event(int number) {
    return (Event) context.forwarded().get(number).record().value();
  }

  /** As after a start with a topology file that does not have the rule any more. */
  @Test
  void ruleThatIsGone_endsItsEvent_asItWas() {
    frame("a", 0.5, START);
    rules = Map.of();
    tick(START + 1_000);
    tick(START + 2_000);
    assertThat(notices()).containsExactly("a started", "a ended");
    assertThat(states.get("a/car")).isNull();
    Event.Data started = event(0).data();
    Event.Data ended = event(1).data();
    assertThat(ended.event()).isEqualTo(started.event());
    assertThat(ended.ruleVersion()).isEqualTo(started.ruleVersion());
    assertThat(ended.classes()).containsExactly("car");
    assertThat(ended.durationMillis()).isEqualTo(1_000);
    assertThat(ended.frame()).isNull();
    frame("a", 0.5, START + 3_000);
    assertThat(notices()).hasSize(2);
  }

  @Test
  void ruleThatIsGone_withoutAnOpenEvent_isForgottenWithoutANotice() {
    frame("a", 0, START);
    rules = Map.of();
    tick(START + 1_000);
    assertThat(notices()).isEmpty();
    assertThat(states.get("a/car")).isNull();
  }

  @Test
  void ruleThatChanges_endsItsEventWithTheNextFrame_andStartsAfresh() {
    frame("a", 0.5, START);
    rules = RuleEvaluator.byName(List.of(car(0.2)));
    frame("a", 0.5, START + 100); // no pause after an end: it is another rule
    frame("a", 0.5, START + 200);
    assertThat(notices()).containsExactly("a started", "a ended", "a started");
    assertThat(event(1).data().ruleVersion()).isEqualTo(event(0).data().ruleVersion());
    assertThat(event(2).data().ruleVersion()).isNotEqualTo(event(0).data().ruleVersion());
    assertThat(event(2).data().event()).isNotEqualTo(event(0).data().event());
    assertThat(context.forwarded().get(1).record().timestamp()).isEqualTo(START + 100);
  }

  @Test
  void ruleThatChanges_endsTheEventOfACameraWithoutFrames() {
    frame("a", 0.5, START);
    rules = RuleEvaluator.byName(List.of(car(0.2)));
    tick(START + 1_000);
    assertThat(notices()).containsExactly("a started", "a ended");
  }

  @Test
  void ruleThatIsTheSame_goesOn() {
    frame("a", 0.5, START);
    rules = RuleEvaluator.byName(List.of(car(0.1)));
    frame("a", 0.5, START + 100);
    tick(START + 1_000);
    assertThat(notices()).containsExactly("a started");
  }

  @Test
  void ruleThatLeavesACamera_endsItsEventThere() {
    frame("a", 0.5, START);
    frame("b", 0.5, START);
    rules = RuleEvaluator.byName(List.of(car(0.1, "b")));
    frame("a", 0.5, START + 100);
    frame("b", 0.5, START + 100);
    tick(START + 1_000);
    assertThat(notices()).containsExactly("a started", "b started", "a ended");
  }

  @Test
  void ruleThatIsAdded_startsWithTheNextFrame() {
    rules = Map.of();
    frame("a", 0.5, START);
    rules = RuleEvaluator.byName(List.of(car(0.1)));
    frame("a", 0.5, START + 100);
    assertThat(notices()).containsExactly("a started");
    assertThat(event(0).data().startMillis()).isEqualTo(START + 100);
  }

  @Test
  void stateOfAnOlderVersion_withoutItsRule_isForgotten() {
    states.put("a/old rule", RuleState.idle(START, 0).withPhase(RuleState.Phase.ACTIVE));
    processor.init(context); // by the state's next owner
    tick(START + 1_000);
    assertThat(notices()).isEmpty();
    assertThat(states.get("a/old rule")).isNull();
  }
}
