package io.maskstream.camera;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When the frames of a live playlist are due. They come a segment at a time, seconds of video at
 * once; here they follow each other at the speed of their own times. Used by one thread.
 *
 * <p>FFmpeg begins three segments before the end of a playlist, so some video is always there to be
 * played while the next segment is made. A frame that comes too late delays all that follow, and
 * once that adds up to {@link #MAX_DELAY}, they are played faster until it is made up for, or until
 * frames have to be waited for, because then there is nothing to catch up with.
 */
final class LivePlayout {

  /** A longer time between two frames is a jump: segments that were missed, another encoder. */
  static final Duration LONGEST_DISTANCE = Duration.ofSeconds(2);

  /** Delay that is put up with. */
  static final Duration MAX_DELAY = Duration.ofSeconds(10);

  /** A frame that comes so long after the one before was not there yet. */
  private static final long WAITED_NANOS = Duration.ofMillis(500).toNanos();

  /** Part of the time between two frames that is saved while catching up. */
  private static final double SAVED = 0.2;

  private final Timeline timeline;
  private boolean begun;
  private long positionNanos;
  private long originNanos;
  private long playedNanos;
  private long delayNanos;
  private boolean catchingUp;

  /**
   * A playlist that begins.
   *
   * @param fps wanted at most
   * @param mean frame rate of the playlist
   */
  LivePlayout(double fps, double mean) {
    timeline = new Timeline(fps, LONGEST_DISTANCE);
    timeline.begin(mean);
  }

  /**
   * When a frame is due, nanoseconds of {@link System#nanoTime()}.
   *
   * @param nowNanos when it came
   */
  long due(Grab.Frame frame, long nowNanos) {
    long position = TimeUnit.MICROSECONDS.toNanos(timeline.next(frame));
    long step = position - positionNanos;
    positionNanos = position;
    if (!begun) {
      begun = true;
      originNanos = nowNanos - position;
    } else if (catchingUp) {
      catchUp(step, nowNanos - playedNanos > WAITED_NANOS);
    }
    long late = nowNanos - (originNanos + position);
    if (late > 0) {
      originNanos += late;
      delayNanos += late;
      catchingUp |= delayNanos > MAX_DELAY.toNanos();
    }
    playedNanos = originNanos + position;
    return playedNanos;
  }

  private void catchUp(long stepNanos, boolean waited) {
    long saved = Math.min(delayNanos, (long) (SAVED * stepNanos));
    delayNanos = waited ? 0 : delayNanos - saved;
    originNanos -= waited ? 0 : saved;
    catchingUp = delayNanos > 0;
  }

  /** Position of the frame that was asked for last; it never goes back. */
  long positionMicros() {
    return TimeUnit.NANOSECONDS.toMicros(positionNanos);
  }
}
