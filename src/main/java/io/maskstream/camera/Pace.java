package io.maskstream.camera;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When a camera's frames are due and which of them are wanted. Live ones come when they come, but
 * those of a live playlist are played as {@link LivePlayout} says; those of a file wait for their
 * time, and the frame rate holds from its end to its next start, too. Used by one thread.
 */
final class Pace {

  /** A longer time between two frames of a file is a jump, unless it has so few on average. */
  static final Duration LONGEST_DISTANCE = Duration.ofSeconds(30);

  private final CameraConfig config;
  private final Timeline timeline;
  private FrameRateCap rate;
  private @Nullable LivePlayout playout;
  private boolean live;
  private long startNanos = System.nanoTime();

  Pace(CameraConfig config) {
    this.config = config;
    this.timeline = new Timeline(config.fps(), LONGEST_DISTANCE);
    this.rate = new FrameRateCap(config.fps());
  }

  /** A connection begins. */
  void begin(FrameSource source) {
    live = source.live();
    playout =
        live && source.inSegments() && inRealTime()
            ? new LivePlayout(config.fps(), source.fps())
            : null;
    if (live) {
      rate = new FrameRateCap(config.fps());
    } else {
      timeline.begin(source.fps());
    }
  }

  /** Waits until a frame's time has come and returns whether it is wanted. */
  boolean admits(Grab.Frame frame) throws InterruptedException {
    if (playout != null) {
      sleep(playout.due(frame, System.nanoTime()) - System.nanoTime());
      return rate.admits(playout.positionMicros());
    }
    if (live) {
      return rate.admits(frame.mediaMicros());
    }
    long position = timeline.next(frame);
    await(position);
    return rate.admits(position);
  }

  /** Waits until the last frame of a file is over. */
  void end() throws InterruptedException {
    await(timeline.end());
  }

  /** A reader that is too slow plays slower. */
  private void await(long positionMicros) throws InterruptedException {
    if (!inRealTime()) {
      return;
    }
    long wait = startNanos + TimeUnit.MICROSECONDS.toNanos(positionMicros) - System.nanoTime();
    sleep(wait);
    startNanos -= Math.min(0, wait);
  }

  private boolean inRealTime() {
    return config.pacing() == CameraConfig.Pacing.REAL_TIME;
  }

  private static void sleep(long nanos) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(Math.max(0, nanos));
  }
}
