package io.maskstream.event;

import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ClassStats.ClassStat;
import io.maskstream.zone.ZoneStats;
import io.maskstream.zone.ZoneStats.ClassInZone;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Steps a rule from frame to frame. Pure: the same frames give the same events, so that a worker's
 * death neither repeats nor loses one whose state is committed with its outputs.
 */
public final class RuleEvaluator {
  private static final double SECOND = 1_000;

  private final Rule rule;
  private final EventSteps steps;

  /** An evaluator. */
  public RuleEvaluator(Rule rule) {
    this.rule = rule;
    this.steps =
        new EventSteps(
            new EventSteps.Subject(
                Event.Kind.RULE,
                rule.name(),
                rule.zone().orElse(null),
                rule.classes(),
                rule.measure().label(),
                Integer.toHexString(rule.toString().hashCode())),
            rule.threshold(),
            new EventSteps.Times(
                rule.hold(), rule.releaseHold(), rule.cooldown(), rule.interval()));
  }

  public Rule rule() {
    return rule;
  }

  /**
   * Looks at a frame.
   *
   * @param before state after the frame before, or null
   * @param millis time of the frame
   */
  public EventSteps.Step step(@Nullable RuleState before, ClassStats stats, long millis) {
    double share = sum(stats, ClassInZone::share, ClassStat::share);
    RuleState last = before == null ? RuleState.idle(millis, share) : before;
    double value = value(stats, last, share, millis);
    RuleState seen = last.withLastMillis(millis).withLastShare(share);
    return steps.step(seen, value, stats.frame(), millis);
  }

  /** Ends an open event because no frame has come for some time. */
  public EventSteps.Step silence(RuleState state, String camera, long millis) {
    return steps.silence(state, camera, millis);
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
