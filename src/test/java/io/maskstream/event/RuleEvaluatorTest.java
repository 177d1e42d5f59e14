package io.maskstream.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.YamlReader;
import io.maskstream.frame.FrameId;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ClassStats.ClassStat;
import io.maskstream.zone.ZoneStats;
import io.maskstream.zone.ZoneStats.ClassInZone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RuleEvaluatorTest {
  private @Nullable RuleState state;
  private long sequence;

  private static Rule rule(Map<String, Object> settings) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("name", "person");
    all.put("classes", List.of("pedestrian", "bicyclist"));
    all.put("hold", "1s");
    all.put("releaseHold", "2s");
    all.put("cooldown", "5s");
    all.putAll(settings);
    return YamlReader.defaults(Rule.class, all);
  }

  private ClassStats stats(double pedestrian, double bicyclist) {
    return new ClassStats(
        new FrameId("gate", 7, sequence++, 0),
        "m@1",
        Map.of(
            "pedestrian", new ClassStat(0, pedestrian, 1),
            "bicyclist", new ClassStat(0, bicyclist, 1)),
        Map.of(),
        Map.of(
            "door",
            new ZoneStats(100, Map.of("pedestrian", new ClassInZone(1, pedestrian / 2, 3, 0.02)))),
        null,
        0);
  }

  /** Notices over frames of 500 ms, as frame number and kind. */
  private List<String> notices(Rule rule, double... shares) {
    RuleEvaluator evaluator = new RuleEvaluator(rule);
    List<String> notices = new ArrayList<>();
    for (int i = 0; i < shares.length; i++) {
      EventSteps.Step step = evaluator.step(state, stats(shares[i], 0), 500L * i);
      state = step.state();
      int frame = i;
      step.event().ifPresent(event -> notices.add(frame + " " + kind(event)));
    }
    return notices;
  }

  private static String kind(Event event) {
    return event.type().substring("io.maskstream.rule.".length());
  }

  @Test
  void step_passesTheThresholdForLongEnough_startsAndEndsOnce() {
    assertThat(notices(rule(Map.of("above", 0.1)), 0, 0.2, 0.3, 0.2, 0.2, 0, 0, 0, 0, 0, 0))
        .containsExactly("3 started", "9 ended");
  }

  @Test
  void step_unknown_isTheShareThatTheFrameHas_noneWhereItIsNotCounted() {
    Rule rule =
        YamlReader.defaults(
            Rule.class, Map.of("name", "r", "measure", "unknown", "above", 0.5, "hold", "500ms"));
    RuleEvaluator evaluator = new RuleEvaluator(rule);
    List<String> notices = new ArrayList<>();
    Double[] unknown = {0.6, null, 0.5, 0.7, 0.4, 0.4, 0.4};
    for (int i = 0; i < unknown.length; i++) {
      ClassStats plain = stats(0, 0);
      ClassStats stats =
          new ClassStats(
              plain.frame(), "m@1", plain.classes(), Map.of(), plain.zones(), unknown[i], 0);
      EventSteps.Step step = evaluator.step(state, stats, 500L * i);
      state = step.state();
      int frame = i;
      step.event()
          .ifPresent(event -> notices.add(frame + " " + kind(event) + event.data().classes()));
    }
    assertThat(notices).containsExactly("3 started[]", "6 ended[]");
  }

  @Test
  void rule_ofUnknown_hasNeitherClassesNorZone() {
    assertThatThrownBy(() -> rule(Map.of("above", 0.5, "measure", "unknown")))
        .hasMessageContaining(
            "rule %s: unknown is of the whole picture, it has no classes and no zone"
                .formatted(rule(Map.of("above", 0.5)).name()));
    assertThatThrownBy(() -> YamlReader.defaults(Rule.class, Map.of("name", "r", "above", 0.5)))
        .hasMessageContaining("rule r must name classes");
  }

  @Test
  void step_shortPeaksAndShortGaps_tellNothing() {
    assertThat(notices(rule(Map.of("above", 0.1)), 0, 0.2, 0, 0.2, 0.2, 0)).isEmpty();
    state = null;
    assertThat(notices(rule(Map.of("above", 0.1)), 0.2, 0.2, 0.2, 0, 0, 0, 0.2, 0, 0, 0))
        .containsExactly("2 started");
  }

  @Test
  void step_betweenReleaseAndThreshold_goesOn() {
    Rule rule = rule(Map.of("above", 0.1, "release", 0.05));
    assertThat(notices(rule, 0.2, 0.2, 0.2, 0.06, 0.06, 0.06, 0.06, 0.06, 0.06))
        .containsExactly("2 started");
    assertThat(notices(rule, 0.04, 0.04, 0.04, 0.04, 0.04)).containsExactly("4 ended");
  }

  @Test
  void step_cooldown_keepsTheNextOneBack() {
    double[] shares = new double[40];
    java.util.Arrays.fill(shares, 0.2);
    for (int i = 3; i < 8; i++) {
      shares[i] = 0; // started at 2, ended at 7: the next may rise from 17 on
    }
    assertThat(notices(rule(Map.of("above", 0.1)), shares))
        .containsExactly("2 started", "7 ended", "19 started");
  }

  @Test
  void step_longEvent_isNoticedAgain() {
    double[] shares = new double[13];
    java.util.Arrays.fill(shares, 0.2);
    assertThat(notices(rule(Map.of("above", 0.1, "interval", "2s")), shares))
        .containsExactly("2 started", "6 ongoing", "10 ongoing");
  }

  @Test
  void step_absence_beginsBelow() {
    assertThat(notices(rule(Map.of("below", 0.0)), 0.1, 0, 0, 0, 0.1, 0.1, 0.1, 0.1, 0.1))
        .containsExactly("3 started", "8 ended");
  }

  @Test
  void step_measures_areOfTheZoneAndTheClasses() {
    RuleEvaluator share = new RuleEvaluator(rule(Map.of("above", 0.0, "hold", "0s")));
    assertThat(value(share, stats(0.1, 0.3))).isEqualTo(0.4);
    Map<String, Object> door = Map.of("above", 0.0, "hold", "0s", "zone", "door");
    assertThat(value(new RuleEvaluator(rule(door)), stats(0.1, 0.3))).isEqualTo(0.05);
    assertThat(value(new RuleEvaluator(with(door, "regions")), stats(0.1, 0))).isEqualTo(3);
    assertThat(value(new RuleEvaluator(with(door, "largest-region")), stats(0.1, 0)))
        .isEqualTo(0.02);
    RuleEvaluator change =
        new RuleEvaluator(rule(Map.of("above", 0.5, "hold", "0s", "measure", "change")));
    RuleState first = change.step(null, stats(0.1, 0), 0).state();
    Event event = change.step(first, stats(0.2, 0), 100).event().orElseThrow();
    assertThat(event.data().value()).isEqualTo(1.0); // 0.1 in a tenth of a second
  }

  private static Rule with(Map<String, Object> settings, String measure) {
    Map<String, Object> all = new LinkedHashMap<>(settings);
    all.put("measure", measure);
    return rule(all);
  }

  private static @Nullable Double value(RuleEvaluator evaluator, ClassStats stats) {
    return evaluator.step(null, stats, 0).event().orElseThrow().data().value();
  }

  @Test
  void step_sameFrames_giveTheSameEvents() {
    RuleEvaluator evaluator = new RuleEvaluator(rule(Map.of("above", 0.1, "hold", "0s")));
    ClassStats frame = stats(0.2, 0);
    Event event = evaluator.step(null, frame, 5).event().orElseThrow();
    assertThat(evaluator.step(null, frame, 5).event().orElseThrow()).isEqualTo(event);
    assertThat(event.id()).isEqualTo("gate/person/7/0/started/5");
    assertThat(event.source()).isEqualTo("/cameras/gate");
    assertThat(event.time()).isEqualTo("1970-01-01T00:00:00.005Z");
  }

  @Test
  void end_isOfWhatIsOpen_alsoWhenTheRuleIsGone() {
    RuleEvaluator evaluator = new RuleEvaluator(rule(Map.of("above", 0.1, "hold", "0s")));
    RuleState open = evaluator.step(null, stats(0.2, 0), 0).state();
    Event event = RuleEvaluator.end(open, null, "gate", 40_000).orElseThrow();
    assertThat(kind(event)).isEqualTo("ended");
    assertThat(event.data().frame()).isNull();
    assertThat(event.data().durationMillis()).isEqualTo(40_000);
    assertThat(event.subject()).isEqualTo("person");
    assertThat(event.data().classes()).containsExactly("pedestrian", "bicyclist");
    assertThat(event.data().measure()).isEqualTo("share");
    assertThat(RuleEvaluator.end(RuleState.idle(0, 0), evaluator, "gate", 1)).isEmpty();
  }

  @Test
  void stateOfAnOlderVersion_isContinued_andEndsAsTheRuleWithItsName() {
    RuleEvaluator evaluator = new RuleEvaluator(rule(Map.of("above", 0.1, "hold", "0s")));
    RuleState old = evaluator.step(null, stats(0.2, 0), 0).state().withSubject(null);
    assertThat(evaluator.continues(old, "gate")).isTrue();
    assertThat(RuleEvaluator.end(old, evaluator, "gate", 1)).isPresent();
    assertThat(RuleEvaluator.end(old, null, "gate", 1)).isEmpty();
  }

  @Test
  void rule_contradictions_areRefusedWithTheRule() {
    assertThatThrownBy(() -> rule(Map.of()))
        .hasMessageContaining("must have one of above and below");
    assertThatThrownBy(() -> rule(Map.of("above", 0.1, "measure", "regions")))
        .hasMessageContaining("must name a zone to measure regions");
    assertThatThrownBy(() -> rule(Map.of("above", 0.1, "release", 0.2)))
        .hasMessageContaining("release must not be beyond the threshold 0.1, is 0.2");
  }
}
