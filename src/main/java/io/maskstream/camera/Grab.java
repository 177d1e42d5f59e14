package io.maskstream.camera;

import io.maskstream.frame.Picture;

/** What asking a source for a frame gave. */
sealed interface Grab {

  /**
   * A frame.
   *
   * @param mediaMicros its time since the start of the medium
   */
  record Frame(Picture picture, long mediaMicros) implements Grab {}

  /** The medium is over. */
  record Ended() implements Grab {}

  /** The connection is unusable. */
  record Failed(String reason) implements Grab {}
}
