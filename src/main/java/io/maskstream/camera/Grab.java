package io.maskstream.camera;

import io.maskstream.frame.Picture;
import java.time.Duration;
import java.util.function.Supplier;

/** What asking a source for a frame gave. */
sealed interface Grab {

  /**
   * A frame.
   *
   * @param picture makes the picture; valid until the next grab
   * @param size of the frame as the camera sent it
   * @param mediaMicros its time since the first frame of the medium
   * @param durationMicros how long it is shown; 0 where unknown
   */
  record Frame(Supplier<Picture> picture, FrameSize size, long mediaMicros, long durationMicros)
      implements Grab {}

  /**
   * No frame yet.
   *
   * @param delay after which to ask again
   */
  record Later(Duration delay) implements Grab {}

  /** The medium is over. */
  record Ended() implements Grab {}

  /** The connection is unusable. */
  record Failed(CameraException failure) implements Grab {}
}
