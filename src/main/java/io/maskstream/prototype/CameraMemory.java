package io.maskstream.prototype;

import java.util.Objects;

/**
 * All that is kept of a camera between two frames.
 *
 * @param bank its prototypes
 * @param last the frame they come from
 */
public record CameraMemory(PrototypeBank bank, FrameFacts last) {

  /**
   * What decides whether a memory still fits.
   *
   * @param epoch connection to the camera
   * @param captureMicros capture time, microseconds since 1970
   * @param width of the frame, pixels
   * @param height of the frame, pixels
   * @param model id and version
   * @param signature how the scene looked
   */
  public record FrameFacts(
      long epoch,
      long captureMicros,
      int width,
      int height,
      String model,
      SceneSignature signature) {
    public FrameFacts {
      Objects.requireNonNull(model);
      Objects.requireNonNull(signature);
    }
  }

  public CameraMemory {
    Objects.requireNonNull(bank);
    Objects.requireNonNull(last);
  }
}
