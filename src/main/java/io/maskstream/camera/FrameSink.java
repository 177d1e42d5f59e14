package io.maskstream.camera;

import io.maskstream.frame.Picture;

/** Where a camera's frames go. Called by the camera's thread. */
public interface FrameSink {

  /**
   * One frame that was read.
   *
   * @param camera camera id
   * @param epoch connection, milliseconds since 1970 when it was opened
   * @param sequence within the epoch, from 0
   * @param captureMicros microseconds since 1970
   * @param mediaMicros time since the start of the medium
   * @param sourceWidth width of the frame as the camera sent it, pixels
   * @param sourceHeight height of the frame as the camera sent it, pixels
   */
  record CapturedFrame(
      String camera,
      long epoch,
      long sequence,
      long captureMicros,
      long mediaMicros,
      int sourceWidth,
      int sourceHeight,
      Picture picture) {}

  void accept(CapturedFrame frame);
}
