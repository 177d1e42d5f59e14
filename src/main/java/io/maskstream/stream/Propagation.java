package io.maskstream.stream;

import io.maskstream.config.Labels;
import io.maskstream.frame.Micros;
import java.time.Duration;

/**
 * That a frame's mask is to be propagated from the masks before.
 *
 * @param sincePassMicros time since the camera's last frame with a forward pass
 * @param cause why
 * @param pass whether a pass follows, which refreshes the memory for the frames after this one
 */
record Propagation(long sincePassMicros, Cause cause, boolean pass) {

  Propagation withoutPass() {
    return new Propagation(sincePassMicros, cause, false);
  }

  /** Why masks are propagated. */
  enum Cause {
    /** The camera's last pass was within the interval that is asked for. */
    INTERVAL,
    /** There are more frames than passes. */
    OVERLOAD,
    /** The camera's frames come faster than a pass takes. */
    RATE;

    String label() {
      return Labels.of(this);
    }
  }

  /**
   * When frames may do so.
   *
   * @param intervalMicros least time between two passes of a camera; 0 for a pass for every frame
   * @param longestMicros longest time of a camera without a pass; 0 for none
   */
  record Limits(long intervalMicros, long longestMicros) {
    static final Limits NEVER = new Limits(0, 0);

    static Limits of(Duration interval, Duration longest) {
      return new Limits(Micros.of(interval), Micros.of(longest));
    }
  }
}
