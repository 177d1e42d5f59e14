package io.maskstream.topic;

/**
 * A frame that was read and not segmented: the JSON record of {@code drops}.
 *
 * @param stage where it was dropped
 * @param reason why
 * @param sequence within the epoch
 * @param ageMicros from capture to the drop
 */
public record DropRecord(
    String camera,
    long epoch,
    long sequence,
    long captureMicros,
    Stage stage,
    Reason reason,
    long ageMicros) {

  /** Where. */
  public enum Stage {
    INGEST,
    SEGMENT
  }

  /** Why. */
  public enum Reason {
    /** Older than the deployment's bound. */
    STALE,
    /** A newer frame of its camera came before its turn. */
    SUPERSEDED,
    /** Read by a worker that ended before the frame had an outcome. */
    WORKER_LOST,
    /** The broker did not take it in time. */
    BROKER_UNAVAILABLE,
    /** Larger than the broker takes. */
    TOO_LARGE,
    /** The picture could not be encoded. */
    ENCODE_FAILED
  }
}
