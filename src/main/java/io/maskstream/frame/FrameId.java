package io.maskstream.frame;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Identity of a frame.
 *
 * @param camera id of the camera
 * @param epoch number of the connection to the camera: milliseconds since 1970 when it was opened
 * @param sequence counts the frames of an epoch from 0
 * @param captureMicros capture time, microseconds since 1970
 */
public record FrameId(String camera, long epoch, long sequence, long captureMicros) {
  private static final int TRACE_BYTES = 16;

  /** Age at a time in microseconds since 1970, by the camera's clock; never negative. */
  public long ageMicros(long nowMicros) {
    return Math.max(0, nowMicros - captureMicros);
  }

  /** Camera, epoch and sequence, as {@code gate/1700000000000/42}. */
  public String text() {
    return camera + "/" + epoch + "/" + sequence;
  }

  /**
   * Id of the frame's trace: the first 32 hexadecimal digits of the SHA-256 of its {@linkplain
   * #text text} in UTF-8.
   */
  public String traceId() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, TRACE_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
