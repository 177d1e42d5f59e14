package io.maskstream.camera;

import java.time.Duration;

/** An open connection to a camera. Used by one thread. */
interface FrameSource extends AutoCloseable {

  /** The next frame; may take {@link #readLimit()}. */
  Grab grab();

  /** Bound on reading a frame; zero where the camera's own limits hold. */
  default Duration readLimit() {
    return Duration.ZERO;
  }

  /** Whether frames come at the pace of the world and not of the reader. */
  boolean live();

  /** Whether live frames come many at once, as in the segments of a playlist. */
  default boolean inSegments() {
    return false;
  }

  /** Mean frame rate, as the source says. */
  double fps();

  /** Frames so far that could not be decoded, or only with damage. */
  long damaged();

  @Override
  void close();
}
