package io.maskstream.event;

import io.maskstream.event.RuleState.Phase;
import io.maskstream.frame.FrameId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Steps an event from frame to frame by one measured value: a threshold that must hold for some
 * time, a release that must hold for some time, and a pause before the next event. Pure: the same
 * values give the same events.
 */
public final class EventSteps {
  private final Subject subject;
  private final Threshold threshold;
  private final Times times;

  /** Steps of one kind of event. */
  public EventSteps(Subject subject, Threshold threshold, Times times) {
    this.subject = subject;
    this.threshold = threshold;
    this.times = times;
  }

  /**
   * What the events are about.
   *
   * @param kind rule or condition of a camera
   * @param name of the rule or condition
   * @param zone it is about; null for the whole picture
   * @param classes it is about
   * @param measure name of the value
   * @param version changes with the settings
   */
  public record Subject(
      Event.Kind kind,
      String name,
      @Nullable String zone,
      List<String> classes,
      String measure,
      String version) {

    /** Id of an event that begins with a frame; no rule's name has a colon. */
    private String id(FrameId frame) {
      String unique = kind == Event.Kind.RULE ? name : kind.label() + ":" + name;
      return "%s/%s/%d/%d".formatted(frame.camera(), unique, frame.epoch(), frame.sequence());
    }
  }

  /**
   * Where an event begins and where it ends.
   *
   * @param begin first value that begins one
   * @param end last value that does not end one
   * @param above whether values above begin one; else those below
   */
  public record Threshold(double begin, double end, boolean above) {
    boolean begins(double value) {
      return above ? value >= begin : value <= begin;
    }

    boolean ends(double value) {
      return above ? value < end : value > end;
    }

    double moreExtreme(double a, double b) {
      return above ? Math.max(a, b) : Math.min(a, b);
    }
  }

  /**
   * How long things must hold.
   *
   * @param hold before an event starts
   * @param releaseHold before it ends
   * @param cooldown from an end to the next start, at least
   * @param interval between two notices while it goes on
   */
  public record Times(Duration hold, Duration releaseHold, Duration cooldown, Duration interval) {}

  /** The state after a frame and the event to publish, if any. */
  public record Step(RuleState state, Optional<Event> event) {}

  /**
   * Looks at a frame.
   *
   * @param last state after the frame before; has this frame's time as its last
   * @param millis time of the frame
   */
  public Step step(RuleState last, double value, FrameId frame, long millis) {
    return switch (last.phase()) {
      case IDLE -> idle(last, value, frame, millis);
      case COOLING ->
          millis - last.sinceMillis() >= times.cooldown().toMillis()
              ? idle(last, value, frame, millis)
              : new Step(last, Optional.empty());
      case RISING -> rising(last, value, frame, millis);
      case ACTIVE, FALLING -> open(last, value, frame, millis);
    };
  }

  /** Ends an open event because no frame has come for some time; one that rises falls back. */
  public Step silence(RuleState state, String camera, long millis) {
    RuleState after =
        state.open()
            ? phase(state, Phase.COOLING, millis)
            : state.quiet() ? state : phase(state, Phase.IDLE, millis);
    return new Step(after, end(state, subject, camera, millis));
  }

  /**
   * The end of an event without a frame, if it is open: no frame has come for some time, or what it
   * is about is watched for no longer.
   */
  static Optional<Event> end(RuleState state, Subject subject, String camera, long millis) {
    return state.open()
        ? Optional.of(event(subject, Event.Notice.ENDED, state, camera, null, null, millis))
        : Optional.empty();
  }

  private Step idle(RuleState state, double value, FrameId frame, long millis) {
    if (!threshold.begins(value)) {
      return new Step(phase(state, Phase.IDLE, state.sinceMillis()), Optional.empty());
    }
    RuleState begun =
        new RuleState(
            Phase.RISING,
            millis,
            millis,
            subject.id(frame),
            value,
            millis,
            millis,
            state.intervalMillis(),
            state.lastShare(),
            state.subject());
    return rising(begun, value, frame, millis);
  }

  private Step rising(RuleState state, double value, FrameId frame, long millis) {
    if (!threshold.begins(value)) {
      return new Step(phase(state, Phase.IDLE, millis), Optional.empty());
    }
    RuleState peaked = peaked(state, value);
    if (millis - state.sinceMillis() < times.hold().toMillis()) {
      return new Step(peaked, Optional.empty());
    }
    RuleState active = phase(peaked, Phase.ACTIVE, millis).withNoticeMillis(millis);
    return new Step(
        active,
        Optional.of(
            event(subject, Event.Notice.STARTED, active, frame.camera(), value, frame, millis)));
  }

  private Step open(RuleState state, double value, FrameId frame, long millis) {
    RuleState peaked = peaked(state, value);
    if (threshold.ends(value)) {
      RuleState falling =
          state.phase() == Phase.FALLING ? peaked : phase(peaked, Phase.FALLING, millis);
      if (millis - falling.sinceMillis() >= times.releaseHold().toMillis()) {
        return new Step(
            phase(falling, Phase.COOLING, millis),
            Optional.of(
                event(subject, Event.Notice.ENDED, falling, frame.camera(), value, frame, millis)));
      }
      return new Step(falling, Optional.empty());
    }
    RuleState active = state.phase() == Phase.ACTIVE ? peaked : phase(peaked, Phase.ACTIVE, millis);
    if (millis - state.noticeMillis() < times.interval().toMillis()) {
      return new Step(active, Optional.empty());
    }
    RuleState noticed = active.withNoticeMillis(millis);
    return new Step(
        noticed,
        Optional.of(
            event(subject, Event.Notice.ONGOING, noticed, frame.camera(), value, frame, millis)));
  }

  private static RuleState phase(RuleState state, Phase phase, long sinceMillis) {
    return state.withPhase(phase).withSinceMillis(sinceMillis);
  }

  private RuleState peaked(RuleState state, double value) {
    return state.withPeak(threshold.moreExtreme(state.peak(), value));
  }

  private static Event event(
      Subject subject,
      Event.Notice notice,
      RuleState state,
      String camera,
      @Nullable Double value,
      @Nullable FrameId frame,
      long millis) {
    return Event.of(
        subject.kind(),
        notice,
        "%s/%s/%d".formatted(state.id(), notice.label(), millis),
        subject.name(),
        Instant.ofEpochMilli(millis),
        new Event.Data(
            state.id(),
            camera,
            subject.zone(),
            subject.classes(),
            subject.measure(),
            value,
            state.peak(),
            state.startMillis(),
            millis - state.startMillis(),
            frame,
            subject.version()));
  }
}
