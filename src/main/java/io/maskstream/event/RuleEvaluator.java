package io.maskstream.event;

import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ClassStats.ClassStat;
import io.maskstream.zone.ZoneStats;
import io.maskstream.zone.ZoneStats.ClassInZone;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Steps a rule from frame to frame. Pure: the same frames give the same events, so that a worker's
 * death neither repeats nor loses one whose state is committed with its outputs.
 */
public final class RuleEvaluator {
  private static final double SECOND = 1_000;

  private final Rule rule;
  private final EventSteps.Subject subject;
  private final EventSteps steps;

  /** An evaluator. */
  public RuleEvaluator(Rule rule) {
    this.rule = rule;
    this.subject =
        new EventSteps.Subject(
            Event.Kind.RULE,
            rule.name(),
            rule.zone().orElse(null),
            rule.classes(),
            rule.measure().label(),
            rule.version());
    this.steps =
        new EventSteps(
            subject,
            rule.threshold(),
            new EventSteps.Times(
                rule.hold(), rule.releaseHold(), rule.cooldown(), rule.interval()));
  }

  /** Evaluators of some rules, by the rules' names. */
  public static Map<String, RuleEvaluator> byName(Collection<Rule> rules) {
    return rules.stream().collect(Collectors.toUnmodifiableMap(Rule::name, RuleEvaluator::new));
  }

  public Rule rule() {
    return rule;
  }

  /** Whether a state is of this rule as it is now, for a camera; else it is over with it. */
  public boolean continues(RuleState state, String camera) {
    EventSteps.Subject of = state.subject();
    return rule.watches(camera) && (of == null || of.equals(subject));
  }

  /**
   * The end of an open event without a frame.
   *
   * @param evaluator of the rule with the state's name, if there is one
   */
  public static Optional<Event> end(
      RuleState state, @Nullable RuleEvaluator evaluator, String camera, long millis) {
    EventSteps.Subject of = state.subject();
    if (of == null) { // of an older version
      of = evaluator == null ? null : evaluator.subject;
    }
    return of == null ? Optional.empty() : EventSteps.end(state, of, camera, millis);
  }

  /**
   * No frame has come for some time: an open event ends, and one that has not started has to begin
   * again.
   */
  public EventSteps.Step silence(RuleState state, String camera, long millis) {
    return steps.silence(state, camera, millis);
  }

  /**
   * Whether a frame's statistics have what the rule measures: the zone is of some cameras and a
   * class of some models. Where it is not there, it is not 0 either.
   */
  public boolean measures(ClassStats stats) {
    if (rule.measure() == Rule.Measure.UNKNOWN) {
      return stats.unknown() != null;
    }
    if (rule.zone().isEmpty()) {
      return rule.classes().stream().anyMatch(stats.classes()::containsKey);
    }
    ZoneStats zone = stats.zones().get(rule.zone().get());
    return zone != null && rule.classes().stream().anyMatch(zone.classes()::containsKey);
  }

  /**
   * Looks at a frame.
   *
   * @param before state after the frame before, which this rule continues; null at its first
   * @param millis time of the frame
   */
  public EventSteps.Step step(@Nullable RuleState before, ClassStats stats, long millis) {
    double share = sum(stats, ClassInZone::share, ClassStat::share);
    RuleState last = before == null ? RuleState.idle(millis, share) : before;
    double value = value(stats, last, share, millis);
    RuleState seen = last.seen(millis).withLastShare(share).withSubject(subject);
    return steps.step(seen, value, stats.frame(), millis);
  }

  private double value(ClassStats stats, RuleState last, double share, long millis) {
    return switch (rule.measure()) {
      case SHARE -> share;
      case REGIONS -> sum(stats, ClassInZone::regions, stat -> 0);
      case LARGEST_REGION ->
          rule.classes().stream()
              .mapToDouble(name -> inZone(stats, name, ClassInZone::largest))
              .max()
              .orElse(0);
      case CHANGE ->
          millis > last.lastMillis()
              ? Math.abs(share - last.lastShare()) * SECOND / (millis - last.lastMillis())
              : 0;
      case UNKNOWN -> stats.unknown() == null ? 0 : stats.unknown();
    };
  }

  private double sum(
      ClassStats stats, ToDoubleFunction<ClassInZone> inZone, ToDoubleFunction<ClassStat> inFrame) {
    double sum = 0;
    for (String name : rule.classes()) {
      if (rule.zone().isPresent()) {
        sum += inZone(stats, name, inZone);
      } else {
        ClassStat stat = stats.classes().get(name);
        sum += stat == null ? 0 : inFrame.applyAsDouble(stat);
      }
    }
    return sum;
  }

  private double inZone(ClassStats stats, String name, ToDoubleFunction<ClassInZone> measure) {
    ZoneStats zone = stats.zones().get(rule.zone().orElseThrow());
    Map<String, ClassInZone> classes = zone == null ? Map.of() : zone.classes();
    ClassInZone found = classes.get(name);
    return found == null ? 0 : measure.applyAsDouble(found);
  }
}
