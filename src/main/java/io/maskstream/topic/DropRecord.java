package io.maskstream.topic;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import io.maskstream.config.Labels;
import io.maskstream.frame.FrameId;

/**
 * A frame that was read and not segmented: the JSON record of {@code drops}.
 *
 * @param frame which one; its fields are fields of the record
 * @param stage where it was dropped
 * @param reason why
 * @param ageMicros from capture to the drop
 */
public record DropRecord(@JsonUnwrapped FrameId frame, Stage stage, Reason reason, long ageMicros) {

  public DropRecord {
    if (frame == null || frame.camera() == null || stage == null || reason == null) {
      throw new IllegalArgumentException("a drop needs camera, stage and reason");
    }
  }

  /** Where. */
  public enum Stage {
    INGEST,
    SEGMENT;

    /** As written in records and metrics. */
    @JsonValue
    public String label() {
      return Labels.of(this);
    }

    @JsonCreator
    static Stage of(String label) {
      return Labels.parse(Stage.class, "stage", label);
    }
  }

  /** Why. */
  public enum Reason {
    /** Older than the deployment's bound. */
    STALE,
    /** A newer frame of its camera came before its turn. */
    SUPERSEDED,
    /** Of a connection that another process has replaced. */
    FENCED,
    /** Read by a worker that ended before the frame had an outcome. */
    WORKER_LOST,
    /** Retention took it away before a worker read it. */
    EXPIRED,
    /** Kafka took the camera's frames slower than they came, and this one was the oldest. */
    QUEUE_FULL,
    /** Larger than the producer or the broker takes. */
    TOO_LARGE,
    /** The user of the process may not write the topic, or the broker does not know it. */
    NOT_AUTHORIZED,
    /** The broker refuses the capture time: the clocks differ. */
    CLOCK,
    /** The producer gave up after its delivery timeout. */
    TIMEOUT,
    /** The topic does not exist, or not the partition that the camera is configured for. */
    NO_SUCH_PARTITION,
    /** Any other error of the broker. */
    BROKER_ERROR,
    /** The picture could not be encoded. */
    ENCODE_FAILED,
    /** Its picture was held in a process, which had no room for more, and it was the oldest. */
    HOLD_FULL,
    /** Its picture was held in a process that is over, or another than the worker that read it. */
    PICTURE_GONE,
    /** The process stopped while the frame waited for Kafka. */
    SHUTDOWN;

    /** As written in records, metrics and the runbook. */
    @JsonValue
    public String label() {
      return Labels.of(this);
    }

    @JsonCreator
    static Reason of(String label) {
      return Labels.parse(Reason.class, "reason", label);
    }
  }
}
