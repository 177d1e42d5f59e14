package io.maskstream.camera;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One line of time for a medium that is played, however often it starts again: positions begin at 0
 * and never go back, and a jump in its own times takes no more than the frame before it. Used by
 * one thread.
 */
final class Timeline {

  /** In slow files a jump is more than this multiple of the mean distance. */
  private static final int SLOW_FACTOR = 2;

  private static final double MICROS = 1e6;

  private final long singleMicros;
  private final Duration longest;
  private long meanMicros;
  private long longestMicros;
  private boolean begun;
  private boolean single;
  private long positionMicros;
  private long mediaMicros;
  private long stepMicros;
  private long durationMicros;

  /**
   * A line of time at 0.
   *
   * @param fps wanted at most: a file of a single picture lasts for a frame of this rate
   * @param longest time between two frames that is no jump
   */
  Timeline(double fps, Duration longest) {
    this.singleMicros = Math.round(MICROS / fps);
    this.longest = longest;
  }

  /**
   * The file begins, where it ended before.
   *
   * @param fps its mean frame rate
   */
  void begin(double fps) {
    meanMicros = Math.round(MICROS / fps);
    longestMicros =
        Math.max(TimeUnit.NANOSECONDS.toMicros(longest.toNanos()), SLOW_FACTOR * meanMicros);
    begun = false;
    stepMicros = 0;
  }

  /** Position of the file's next frame, microseconds. */
  long next(Grab.Frame frame) {
    if (begun) {
      long step = frame.mediaMicros() - mediaMicros;
      boolean jump = step < 0 || step > longestMicros;
      stepMicros = jump ? stepMicros : step;
      positionMicros += stepMicros;
    }
    single = !begun;
    begun = true;
    mediaMicros = frame.mediaMicros();
    durationMicros = frame.durationMicros();
    return positionMicros;
  }

  /** The file is at its end; position at which its last frame is over, microseconds. */
  long end() {
    boolean known = durationMicros > 0 && durationMicros <= longestMicros;
    long last = known ? durationMicros : stepMicros > 0 ? stepMicros : meanMicros;
    positionMicros += single ? Math.max(last, singleMicros) : last;
    return positionMicros;
  }
}
