package io.maskstream.event;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Where a rule stands for one camera; kept in the store.
 *
 * @param phase of the event
 * @param sinceMillis when the phase began, by the frames' times
 * @param startMillis when the event began; it held from then on
 * @param id of the event
 * @param peak most extreme value so far
 * @param noticeMillis time of the last notice
 * @param lastMillis time of the last frame
 * @param intervalMillis from the last frame but one to the last; 0 where unknown
 * @param lastShare share at the last frame, for changes
 * @param subject rule that it is of, so that its event ends even when the rule is gone; null in
 *     states of older versions and of cameras' conditions
 */
@RecordBuilder
public record RuleState(
    Phase phase,
    long sinceMillis,
    long startMillis,
    String id,
    double peak,
    long noticeMillis,
    long lastMillis,
    long intervalMillis,
    double lastShare,
    EventSteps.@Nullable Subject subject)
    implements RuleStateBuilder.With {

  /** Of an event. */
  public enum Phase {
    /** No event. */
    IDLE,
    /** The threshold is passed, not yet for long enough. */
    RISING,
    /** The event goes on. */
    ACTIVE,
    /** The release is passed, not yet for long enough. */
    FALLING,
    /** An event has ended and the next must wait. */
    COOLING
  }

  /** No event yet. */
  public static RuleState idle(long millis, double share) {
    return new RuleState(Phase.IDLE, millis, millis, "", 0, millis, millis, 0, share, null);
  }

  /** After a frame at a time. */
  RuleState seen(long millis) {
    return withIntervalMillis(millis - lastMillis).withLastMillis(millis);
  }

  /** Whether an event was reported as started and not as ended. */
  public boolean open() {
    return phase == Phase.ACTIVE || phase == Phase.FALLING;
  }

  /** Whether nothing is reported and nothing may soon be. */
  public boolean quiet() {
    return phase == Phase.IDLE || phase == Phase.COOLING;
  }
}
