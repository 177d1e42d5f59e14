package io.maskstream.camera;

/** Opens connections to cameras. */
@FunctionalInterface
interface SourceFactory {

  /**
   * Opens a connection; may take {@link CameraConfig#openLimit()}.
   *
   * @param deadline bounds the native calls of the source, and ends them when it is cancelled
   */
  FrameSource open(CameraConfig config, CallDeadline deadline) throws CameraException;
}
