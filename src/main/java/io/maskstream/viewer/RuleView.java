package io.maskstream.viewer;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.maskstream.event.Rule;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule as the page shows it.
 *
 * @param cameras it holds for; empty for all
 * @param zone of the cameras; none where it holds for the whole picture
 * @param above it begins where the measure is at least this; none where below is there
 * @param below it begins where the measure is at most this; none where above is there
 * @param release it ends where the measure is beyond this on the other side
 * @param origin where it comes from: file, changed (from a file, and by an operator since) or page
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RuleView(
    String name,
    List<String> cameras,
    @Nullable String zone,
    List<String> classes,
    String measure,
    @Nullable Double above,
    @Nullable Double below,
    double release,
    double holdSeconds,
    double releaseHoldSeconds,
    double cooldownSeconds,
    double intervalSeconds,
    String origin) {
  private static final double MILLIS = 1_000;

  static RuleView of(RuleControl.Known known) {
    Rule rule = known.rule();
    return new RuleView(
        rule.name(),
        rule.cameras(),
        rule.zone().orElse(null),
        rule.classes(),
        rule.measure().label(),
        rule.above().orElse(null),
        rule.below().orElse(null),
        rule.release().or(rule::above).or(rule::below).orElseThrow(),
        seconds(rule.hold()),
        seconds(rule.releaseHold()),
        seconds(rule.cooldown()),
        seconds(rule.interval()),
        known.origin().label());
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / MILLIS;
  }
}
