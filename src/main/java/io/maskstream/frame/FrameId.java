package io.maskstream.frame;

/**
 * Identity of a frame.
 *
 * @param camera id of the camera
 * @param epoch number of the connection to the camera: milliseconds since 1970 when it was opened
 * @param sequence counts the frames of an epoch from 0
 * @param captureMicros capture time, microseconds since 1970
 */
public record FrameId(String camera, long epoch, long sequence, long captureMicros) {

  /** Age at a time in microseconds since 1970, by the camera's clock; never negative. */
  public long ageMicros(long nowMicros) {
    return Math.max(0, nowMicros - captureMicros);
  }
}
