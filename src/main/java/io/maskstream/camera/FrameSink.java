package io.maskstream.camera;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;

/** Where a camera's frames go. Called by the camera's thread. */
public interface FrameSink {

  /**
   * One frame that was read.
   *
   * @param mediaMicros time since the start of the medium
   * @param sourceWidth width of the frame as the camera sent it, pixels
   * @param sourceHeight height of the frame as the camera sent it, pixels
   */
  record CapturedFrame(
      FrameId id, long mediaMicros, int sourceWidth, int sourceHeight, Picture picture) {

    public String camera() {
      return id.camera();
    }
  }

  void accept(CapturedFrame frame);
}
