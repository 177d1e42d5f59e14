package io.maskstream.camera;

import java.time.Duration;

/** Cameras with short times. */
final class TestCameras {

  private TestCameras() {}

  /** A camera of 160×120 at 30 frames per second whose connection is dead after a second. */
  static CameraConfig camera(String id, String url) {
    CameraConfig config = CameraConfig.of(id, url);
    config = config.withFps(30.0);
    config = config.withWidth(160);
    config = config.withHeight(120);
    config = config.withTimeout(Duration.ofSeconds(1));
    config = config.withReconnectDelay(Duration.ofMillis(100));
    return config.withMaxReconnectDelay(Duration.ofMillis(400));
  }
}
