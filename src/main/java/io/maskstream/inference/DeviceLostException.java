package io.maskstream.inference;

import java.time.Duration;

/**
 * A device is out of service until the process restarts: a forward pass did not come back, or the
 * device fails every one.
 */
public final class DeviceLostException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private DeviceLostException(String message) {
    super(message);
  }

  static DeviceLostException hung(Duration timeout) {
    return new DeviceLostException(
        "a forward pass did not come back within %d s; the device is out of service"
            .formatted(timeout.toSeconds()));
  }

  static DeviceLostException failing(Throwable reason) {
    DeviceLostException lost =
        new DeviceLostException(
            "the device fails even a black picture, with: %s; it is out of service"
                .formatted(reason.getMessage()));
    lost.initCause(reason);
    return lost;
  }
}
