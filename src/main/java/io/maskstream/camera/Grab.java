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
   * @param mediaMicros its time since the start of the medium
   */
  record Frame(Supplier<Picture> picture, FrameSize size, long mediaMicros) implements Grab {}

  /**
   * No frame yet.
   *
   * @param delay after which to ask again
   */
  record Later(Duration delay) implements Grab {}

  /** The medium is over. */
  record Ended() implements Grab {}

  /** The connection is unusable. */
  record Failed(String reason) implements Grab {}
}
