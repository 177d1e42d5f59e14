package io.maskstream.health;

import io.maskstream.event.Event;
import io.maskstream.event.EventSteps;
import io.maskstream.event.RuleState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Steps the conditions of a camera from picture to picture. Pure: the same pictures give the same
 * events.
 *
 * <p>Blinded and frozen are absolute. The others compare with what is usual for the camera, which
 * is learned while nothing is wrong. A picture that says nothing cannot be judged further: while it
 * is blinded all other conditions stand still, and while it is covered out-of-focus and moved do.
 */
public final class HealthEvaluator {

  /** An event ends this far on the good side of the threshold, as part of the threshold. */
  private static final double HYSTERESIS = 0.1;

  /** Share of flat cells that is taken for usual before anything is learned. */
  private static final double USUAL_FLAT = 0.5;

  private final CameraHealthConfig config;
  private final Map<CameraCondition, EventSteps> steps = new EnumMap<>(CameraCondition.class);

  /** An evaluator. */
  public HealthEvaluator(CameraHealthConfig config) {
    this.config = config;
    String version = Integer.toHexString(config.toString().hashCode());
    for (CameraCondition condition : CameraCondition.values()) {
      steps.put(
          condition,
          new EventSteps(
              new EventSteps.Subject(
                  Event.Kind.CAMERA,
                  condition.label(),
                  null,
                  List.of(),
                  condition.measure(),
                  version),
              threshold(condition),
              new EventSteps.Times(
                  condition == CameraCondition.FROZEN ? config.frozenHold() : config.hold(),
                  config.releaseHold(),
                  Duration.ZERO,
                  config.interval())));
    }
  }

  /** State after a picture, and the events to publish. */
  public record Step(HealthState state, List<Event> events) {}

  private EventSteps steps(CameraCondition condition) {
    return Objects.requireNonNull(steps.get(condition));
  }

  private EventSteps.Threshold threshold(CameraCondition condition) {
    return switch (condition) {
      case COVERED -> above(config.covered());
      case BLINDED -> above(config.blinded());
      case FROZEN -> new EventSteps.Threshold(1, 1, true);
      case OUT_OF_FOCUS ->
          new EventSteps.Threshold(
              config.outOfFocus(), config.outOfFocus() * (1 + HYSTERESIS), false);
      case MOVED -> above(config.moved());
    };
  }

  private static EventSteps.Threshold above(double begin) {
    return new EventSteps.Threshold(begin, begin * (1 - HYSTERESIS), true);
  }

  /**
   * Looks at a picture.
   *
   * @param before state after the picture before, or null
   * @param millis time of the frame
   */
  public Step step(@Nullable HealthState before, PictureStats stats, long millis) {
    Levels levels = before == null || stats.relearn() ? null : before.levels();
    Map<String, RuleState> states = new HashMap<>();
    List<Event> events = new ArrayList<>();
    boolean usual = true;
    boolean accepted = false;
    for (CameraCondition condition : CameraCondition.values()) {
      RuleState known = before == null ? null : before.conditions().get(condition.label());
      if (config.conditions().contains(condition)) {
        RuleState last = (known == null ? RuleState.idle(millis, 0) : known).withLastMillis(millis);
        OptionalDouble value = value(condition, before, levels, stats);
        EventSteps.Step step =
            value.isPresent()
                ? steps(condition).step(last, value.getAsDouble(), stats.frame(), millis)
                : unjudged(last, millis);
        states.put(condition.label(), step.state());
        step.event().ifPresent(events::add);
        usual &= step.state().quiet() && value.isPresent();
        accepted |= value.isPresent() && isAccepted(condition, step.state(), millis);
      } else if (known != null) { // turned off since
        String camera = stats.frame().camera();
        steps(condition).silence(known, camera, millis).event().ifPresent(events::add);
      }
    }
    Levels next = learned(levels, stats, before, millis, usual, accepted);
    long interval = before == null ? 0 : millis - before.lastMillis();
    return new Step(new HealthState(next, stats.fingerprint(), millis, interval, states), events);
  }

  /** An event goes on as it was; one that has not started has to begin again. */
  private static EventSteps.Step unjudged(RuleState last, long millis) {
    RuleState kept = last.open() ? last : RuleState.idle(millis, 0);
    return new EventSteps.Step(kept, Optional.empty());
  }

  private boolean isAccepted(CameraCondition condition, RuleState state, long millis) {
    boolean lasting =
        condition == CameraCondition.MOVED || condition == CameraCondition.OUT_OF_FOCUS;
    return lasting
        && state.open()
        && millis - state.startMillis() >= config.acceptAfter().toMillis();
  }

  private static @Nullable Levels learned(
      @Nullable Levels levels,
      PictureStats stats,
      @Nullable HealthState before,
      long millis,
      boolean usual,
      boolean accepted) {
    if (accepted) {
      return Levels.of(stats);
    }
    if (!usual) {
      return levels;
    }
    return levels == null || before == null
        ? Levels.of(stats)
        : levels.with(stats, millis - before.lastMillis());
  }

  /** Ends open events because no picture has come for some time; what is usual is kept. */
  public Step silence(HealthState state, String camera, long millis) {
    Map<String, RuleState> states = new HashMap<>();
    List<Event> events = new ArrayList<>();
    for (CameraCondition condition : CameraCondition.values()) {
      RuleState last = state.conditions().get(condition.label());
      if (last != null) {
        EventSteps.Step step = steps(condition).silence(last, camera, millis);
        states.put(condition.label(), RuleState.idle(millis, 0));
        step.event().ifPresent(events::add);
      }
    }
    return new Step(
        new HealthState(
            state.levels(),
            state.fingerprint(),
            state.lastMillis(),
            state.intervalMillis(),
            states),
        events);
  }

  /** The value of a condition; none where the picture cannot be judged for it. */
  private OptionalDouble value(
      CameraCondition condition,
      @Nullable HealthState before,
      @Nullable Levels levels,
      PictureStats stats) {
    boolean blinded = stats.clipped() >= threshold(CameraCondition.BLINDED).end();
    double lost = lostTexture(levels, stats);
    boolean blank = blinded || lost >= threshold(CameraCondition.COVERED).end();
    return switch (condition) {
      case BLINDED -> OptionalDouble.of(stats.clipped());
      case FROZEN ->
          blinded
              ? OptionalDouble.empty() // white pictures are equal
              : OptionalDouble.of(
                  before != null && before.fingerprint() == stats.fingerprint() ? 1 : 0);
      case COVERED -> blinded ? OptionalDouble.empty() : OptionalDouble.of(lost);
      case OUT_OF_FOCUS ->
          blank
              ? OptionalDouble.empty()
              : OptionalDouble.of(
                  levels != null && levels.learned() ? stats.sharpness() / levels.sharpness() : 1);
      case MOVED ->
          blank
              ? OptionalDouble.empty()
              : OptionalDouble.of(levels != null && levels.learned() ? levels.distance(stats) : 0);
    };
  }

  private static double lostTexture(@Nullable Levels levels, PictureStats stats) {
    double usual = levels != null && levels.learned() ? levels.flat() : USUAL_FLAT;
    return Math.max(0, (stats.flat() - usual) / Math.max(1e-6, 1 - usual));
  }
}
