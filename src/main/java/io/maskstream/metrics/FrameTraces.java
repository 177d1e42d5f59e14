package io.maskstream.metrics;

import io.maskstream.frame.FrameId;
import java.util.Optional;

/**
 * Traces of frames from capture to outcome. A trace's id is {@link FrameId#traceId}, so that the
 * trace of a frame is found by its identity; where a frame's record has the header {@code
 * traceparent} (W3C Trace Context) of another producer, its spans belong to that trace. All times
 * are microseconds since 1970.
 */
public interface FrameTraces extends AutoCloseable {
  /** A frame on its way from the camera to Kafka. */
  interface Ingest {
    /** Value of the record's header; empty where there are no traces. */
    Optional<String> header();

    /** Kafka has it. */
    void published(long nowMicros);

    /** Kafka does not get it. */
    void dropped(String reason, long nowMicros);
  }

  /**
   * When the steps of a segmentation were.
   *
   * @param startMicros when its turn began
   * @param decodeMicros it took to decode the picture
   * @param inferenceMicros the model took, the wait for its batch included
   * @param endMicros when its records were made
   */
  record Steps(long startMicros, long decodeMicros, long inferenceMicros, long endMicros) {}

  /** Begins a frame's trace. */
  Ingest captured(FrameId id);

  /**
   * A worker has segmented a frame.
   *
   * @param parent header of the frame's record
   * @return header for the records that were made of it
   */
  Optional<String> segmented(FrameId id, Optional<String> parent, Steps steps);

  /**
   * A worker has dropped a frame, or found that it can never be segmented.
   *
   * @param parent header of the frame's record
   * @param outcome reason of the drop
   */
  void ended(FrameId id, Optional<String> parent, String outcome, long nowMicros);

  /** Sends what waits, for a few seconds. */
  @Override
  void close();

  /** Traces nothing. */
  static FrameTraces none() {
    return NoTraces.INSTANCE;
  }
}
