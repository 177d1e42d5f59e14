package io.maskstream.topic;

import org.jspecify.annotations.Nullable;

/**
 * What a camera does: the JSON records of {@code camera-status}, keyed by the camera and compacted.
 * One is written at every change.
 *
 * @param camera id
 * @param state connecting, delivering, waiting, refused, finished or stopped
 * @param reason one sentence without secrets, why the last connection failed or ended, or why the
 *     camera is not read; may be empty
 * @param nextTryMicros when it is opened again, microseconds since 1970; null where that is not
 *     planned
 */
public record CameraReport(
    String camera, String state, String reason, @Nullable Long nextTryMicros) {

  public CameraReport {
    if (camera == null || camera.isEmpty() || state == null || reason == null) {
      throw new IllegalArgumentException("a camera's report needs camera, state and reason");
    }
  }
}
