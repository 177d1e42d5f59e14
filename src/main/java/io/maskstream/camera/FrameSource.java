package io.maskstream.camera;

/** An open connection to a camera. Used by one thread. */
interface FrameSource extends AutoCloseable {

  /** The next frame; may take the camera's {@code timeout}. */
  Grab grab();

  /** Whether frames come at the pace of the world and not of the reader. */
  boolean live();

  /** Mean frame rate of a source that is not live. */
  double fps();

  /** Frames so far that could not be decoded, or only with damage. */
  long damaged();

  @Override
  void close();
}
