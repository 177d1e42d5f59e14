package io.maskstream.camera;

import java.util.concurrent.TimeUnit;

/**
 * When a camera's frames are due and which of them are wanted. Live ones come when they come; those
 * of a file wait for their time, and the frame rate holds from its end to its next start, too. Used
 * by one thread.
 */
final class Pace {
  private final CameraConfig config;
  private final Timeline timeline;
  private FrameRateCap rate;
  private boolean live;
  private long startNanos = System.nanoTime();

  Pace(CameraConfig config) {
    this.config = config;
    this.timeline = new Timeline(config.fps());
    this.rate = new FrameRateCap(config.fps());
  }

  /** A connection begins. */
  void begin(FrameSource source) {
    live = source.live();
    if (live) {
      rate = new FrameRateCap(config.fps());
    } else {
      timeline.begin(source.fps());
    }
  }

  /** Waits until a frame's time has come and returns whether it is wanted. */
  boolean admits(Grab.Frame frame) throws InterruptedException {
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
    if (config.pacing() != CameraConfig.Pacing.REAL_TIME) {
      return;
    }
    long wait = startNanos + TimeUnit.MICROSECONDS.toNanos(positionMicros) - System.nanoTime();
    if (wait > 0) {
      TimeUnit.NANOSECONDS.sleep(wait);
    } else {
      startNanos -= wait;
    }
  }
}
