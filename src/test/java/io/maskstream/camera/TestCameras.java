package io.maskstream.camera;

import io.maskstream.config.Records;
import java.time.Duration;

/** Cameras with short times. */
final class TestCameras {

  private TestCameras() {}

  /** A camera of 160×120 at 30 frames per second whose connection is dead after a second. */
  static CameraConfig camera(String id, String url) {
    CameraConfig config = CameraConfig.of(id, url);
    config = Records.with(config, "fps", 30.0);
    config = Records.with(config, "width", 160);
    config = Records.with(config, "height", 120);
    config = Records.with(config, "timeout", Duration.ofSeconds(1));
    config = Records.with(config, "reconnectDelay", Duration.ofMillis(100));
    return Records.with(config, "maxReconnectDelay", Duration.ofMillis(400));
  }
}
