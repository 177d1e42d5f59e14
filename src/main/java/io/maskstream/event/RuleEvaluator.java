package io.maskstream.event;

import io.maskstream.event.RuleState.Phase;
import io.maskstream.frame.FrameId;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ClassStats.ClassStat;
import io.maskstream.zone.ZoneStats;
import io.maskstream.zone.ZoneStats.ClassInZone;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Steps a rule from frame to frame. Pure: the same frames give the same events, so that a worker's
 * death neither repeats nor loses one whose state is committed with its outputs.
 */
public final class RuleEvaluator {
  private static final double SECOND = 1_000;

  private final Rule rule;
  private final String version;

  /** An evaluator. */
  public RuleEvaluator(Rule rule) {
    this.rule = rule;
    this.version = Integer.toHexString(rule.toString().hashCode());
  }

  /** State after a frame, and the event to publish. */
  public record Step(RuleState state, Optional<Event> event) {}

  public Rule rule() {
    return rule;
  }

  /**
   * Looks at a frame.
   *
   * @param before state after the frame before, or null
   * @param millis time of the frame
   */
  public Step step(@Nullable RuleState before, ClassStats stats, long millis) {
    double share = sum(stats, ClassInZone::share, ClassStat::share);
    RuleState last = before == null ? RuleState.idle(millis, share) : before;
    double value = value(stats, last, share, millis);
    RuleState seen = last.withLastMillis(millis).withLastShare(share);
    return switch (last.phase()) {
      case IDLE -> idle(seen, value, stats.frame(), millis);
      case COOLING ->
          millis - last.sinceMillis() >= rule.cooldown().toMillis()
              ? idle(seen, value, stats.frame(), millis)
              : new Step(seen, Optional.empty());
      case RISING -> rising(seen, value, stats.frame(), millis);
      case ACTIVE, FALLING -> open(seen, value, stats.frame(), millis);
    };
  }

  /** Ends an open event because no frame has come for some time. */
  public Step silence(RuleState state, String camera, long millis) {
    if (!state.open()) {
      return new Step(state, Optional.empty());
    }
    return ended(state, camera, null, null, millis);
  }

  private Step idle(RuleState state, double value, FrameId frame, long millis) {
    if (!rule.begins(value)) {
      return new Step(phase(state, Phase.IDLE, state.sinceMillis()), Optional.empty());
    }
    RuleState begun =
        new RuleState(
            Phase.RISING,
            millis,
            millis,
            "%s/%s/%d/%d".formatted(frame.camera(), rule.name(), frame.epoch(), frame.sequence()),
            value,
            millis,
            millis,
            state.lastShare());
    return rising(begun, value, frame, millis);
  }

  private Step rising(RuleState state, double value, FrameId frame, long millis) {
    if (!rule.begins(value)) {
      return new Step(phase(state, Phase.IDLE, millis), Optional.empty());
    }
    RuleState peaked = peaked(state, value);
    if (millis - state.sinceMillis() < rule.hold().toMillis()) {
      return new Step(peaked, Optional.empty());
    }
    RuleState active = phase(peaked, Phase.ACTIVE, millis).withNoticeMillis(millis);
    return new Step(
        active,
        Optional.of(event(Event.Notice.STARTED, active, frame.camera(), value, frame, millis)));
  }

  private Step open(RuleState state, double value, FrameId frame, long millis) {
    RuleState peaked = peaked(state, value);
    if (rule.ends(value)) {
      RuleState falling =
          state.phase() == Phase.FALLING ? peaked : phase(peaked, Phase.FALLING, millis);
      if (millis - falling.sinceMillis() >= rule.releaseHold().toMillis()) {
        return ended(falling, frame.camera(), value, frame, millis);
      }
      return new Step(falling, Optional.empty());
    }
    RuleState active = state.phase() == Phase.ACTIVE ? peaked : phase(peaked, Phase.ACTIVE, millis);
    if (millis - state.noticeMillis() < rule.interval().toMillis()) {
      return new Step(active, Optional.empty());
    }
    RuleState noticed = active.withNoticeMillis(millis);
    return new Step(
        noticed,
        Optional.of(event(Event.Notice.ONGOING, noticed, frame.camera(), value, frame, millis)));
  }

  private Step ended(
      RuleState state,
      String camera,
      @Nullable Double value,
      @Nullable FrameId frame,
      long millis) {
    return new Step(
        phase(state, Phase.COOLING, millis),
        Optional.of(event(Event.Notice.ENDED, state, camera, value, frame, millis)));
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

  private static RuleState phase(RuleState state, Phase phase, long sinceMillis) {
    return state.withPhase(phase).withSinceMillis(sinceMillis);
  }

  private RuleState peaked(RuleState state, double value) {
    return state.withPeak(
        rule.above().isPresent() ? Math.max(state.peak(), value) : Math.min(state.peak(), value));
  }

  private Event event(
      Event.Notice notice,
      RuleState state,
      String camera,
      @Nullable Double value,
      @Nullable FrameId frame,
      long millis) {
    return Event.of(
        notice,
        "%s/%s/%d".formatted(state.id(), notice.label(), millis),
        rule.name(),
        camera,
        Instant.ofEpochMilli(millis),
        new Event.Data(
            state.id(),
            camera,
            rule.zone().orElse(null),
            rule.classes(),
            rule.measure().label(),
            value,
            state.peak(),
            state.startMillis(),
            millis - state.startMillis(),
            frame,
            version));
  }
}
