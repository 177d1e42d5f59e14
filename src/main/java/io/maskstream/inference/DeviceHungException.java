package io.maskstream.inference;

import java.time.Duration;

/** A forward pass did not come back; the device is out of service until the process restarts. */
public final class DeviceHungException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  DeviceHungException(Duration timeout) {
    super(
        "a forward pass did not come back within %d s; the device is out of service"
            .formatted(timeout.toSeconds()));
  }
}
