package io.maskstream.stream;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Micros;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import io.maskstream.health.PictureMeter;
import io.maskstream.health.PictureStats;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes statistics of some of a camera's pictures, by their capture times alone, so that a replay
 * takes the same ones. Used by all threads.
 */
final class PictureSampler {

  /** One picture in each such time. */
  private static final long INTERVAL_MICROS = Micros.of(Duration.ofMillis(500));

  private final boolean on;

  PictureSampler(boolean on) {
    this.on = on;
  }

  /**
   * Statistics of a picture, where they are due.
   *
   * @param memory of the camera before this frame, or null
   * @param reset why that memory was reset
   */
  Optional<PictureStats> sample(
      FrameId frame, Picture picture, @Nullable CameraMemory memory, Optional<ResetReason> reset) {
    boolean relearn = reset.equals(Optional.of(ResetReason.OPERATOR));
    boolean due =
        memory == null
            || relearn
            || frame.captureMicros() / INTERVAL_MICROS
                != memory.last().captureMicros() / INTERVAL_MICROS;
    return on && due
        ? Optional.of(PictureMeter.measure(frame, small(picture), relearn))
        : Optional.empty();
  }

  private static Picture small(Picture picture) {
    return PictureScaler.scale(picture, PictureMeter.WIDTH, PictureMeter.HEIGHT);
  }
}
