package io.maskstream.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.maskstream.config.Labels;
import io.maskstream.frame.FrameId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event as CloudEvents 1.0 in JSON (structured mode): the record of {@code events}.
 *
 * @param id unique for the source: the event and its number of notices
 * @param source {@code /cameras/CAMERA}
 * @param type {@code io.maskstream.rule} or {@code io.maskstream.camera}, then {@code .started},
 *     {@code .ongoing} or {@code .ended}
 * @param subject name of the rule, or the camera's condition
 * @param time when, RFC 3339
 */
public record Event(
    String specversion,
    String id,
    String source,
    String type,
    String subject,
    String time,
    String datacontenttype,
    Data data) {

  private static final String TYPE = "io.maskstream.";

  public Event {
    if (id == null || type == null || subject == null || data == null) {
      throw new IllegalArgumentException("an event needs id, type, subject and data");
    }
  }

  /** A record of a stage of an event. */
  static Event of(Kind kind, Notice notice, String id, String subject, Instant time, Data data) {
    return new Event(
        "1.0",
        id,
        "/cameras/" + data.camera(),
        TYPE + kind.label() + "." + notice.label(),
        subject,
        time.toString(),
        "application/json",
        data);
  }

  /** Label of the notice. */
  public String notice() {
    return type.substring(type.lastIndexOf('.') + 1);
  }

  /** Whether it is of a kind. */
  public boolean is(Kind kind) {
    return type.startsWith(TYPE + kind.label() + ".");
  }

  /** What an event is about. */
  public enum Kind {
    /** What the masks say. */
    RULE,
    /** How the camera's picture is. */
    CAMERA;

    public String label() {
      return Labels.of(this);
    }
  }

  /** A stage of an event. */
  public enum Notice {
    STARTED,
    ONGOING,
    ENDED;

    public String label() {
      return Labels.of(this);
    }
  }

  /**
   * What happened.
   *
   * @param event id of the event, the same in all of its notices
   * @param zone of the rule, where it has one
   * @param classes of the rule
   * @param measure what was measured
   * @param value at this time; none without a frame
   * @param peak most extreme value since the start
   * @param startMillis when it began, milliseconds since 1970
   * @param durationMillis since the start
   * @param frame on which it was seen; none where an event ends because frames have stopped
   * @param ruleVersion changes with the rule, or with the settings of the cameras' health
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Data(
      String event,
      String camera,
      @Nullable String zone,
      List<String> classes,
      String measure,
      @Nullable Double value,
      double peak,
      long startMillis,
      long durationMillis,
      @Nullable FrameId frame,
      String ruleVersion) {

    public Data {
      if (event == null || camera == null || measure == null) {
        throw new IllegalArgumentException("an event's data need event, camera and measure");
      }
      classes = classes == null ? List.of() : List.copyOf(classes); // older records have none
    }
  }
}
