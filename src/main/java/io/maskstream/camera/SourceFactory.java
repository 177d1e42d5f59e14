package io.maskstream.camera;

/** Opens connections to cameras. */
@FunctionalInterface
interface SourceFactory {

  /** Opens a connection; may take as long as the camera's timeout. */
  FrameSource open(CameraConfig config) throws CameraException;

  /** Synthetic streets, and FFmpeg for everything else. */
  static FrameSource byUrl(CameraConfig config) throws CameraException {
    return config.address().kind() == CameraUrl.Kind.SYNTHETIC
        ? new SyntheticSource(config)
        : FfmpegSource.open(config);
  }
}
