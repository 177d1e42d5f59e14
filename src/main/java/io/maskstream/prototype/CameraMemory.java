package io.maskstream.prototype;

import java.util.Objects;
import java.util.Optional;

/**
 * All that is kept of a camera between two frames.
 *
 * @param bank its prototypes
 * @param last the frame they come from
 * @param dense class probabilities of that frame, where the reuse policy carries them
 * @param passMicros capture time of the frame whose forward pass gave them: the last one, or the
 *     one from which they were moved
 * @param motion since a frame whose pass is under way, where one is
 */
public record CameraMemory(
    PrototypeBank bank,
    FrameFacts last,
    Optional<DenseMemory> dense,
    long passMicros,
    Optional<Motion> motion) {

  /**
   * Since a frame.
   *
   * @param sinceMicros its capture time
   * @param flow from the last frame back to it, the flows between the frames one after another
   */
  public record Motion(long sinceMicros, FlowField flow) {

    /**
     * The same with a further frame.
     *
     * @param next from it back to the last one
     */
    public Motion then(FlowField next) {
      return new Motion(sinceMicros, next.then(flow));
    }
  }

  /** A memory of a frame with a forward pass. */
  public CameraMemory(PrototypeBank bank, FrameFacts last, Optional<DenseMemory> dense) {
    this(bank, last, dense, last.captureMicros(), Optional.empty());
  }

  /** A memory of prototypes. */
  public CameraMemory(PrototypeBank bank, FrameFacts last) {
    this(bank, last, Optional.empty());
  }

  /**
   * What is worth storing now and then: after a pause of seconds, class probabilities are worth
   * nothing, and they are most of the bytes.
   */
  public CameraMemory withoutDense() {
    return new CameraMemory(bank, last);
  }

  /** From here on the motion is kept, for a pass of the last frame that begins now. */
  public CameraMemory withMotion() {
    return new CameraMemory(
        bank,
        last,
        dense,
        passMicros,
        dense
            .map(DenseMemory::luma)
            .map(luma -> FlowField.still(luma.width(), luma.height()))
            .map(still -> new Motion(last.captureMicros(), still)));
  }

  /**
   * What decides whether a memory still fits.
   *
   * @param epoch connection to the camera
   * @param captureMicros capture time, microseconds since 1970
   * @param intervalMicros from the frame before; 0 where there was none in this connection
   * @param width of the frame, pixels
   * @param height of the frame, pixels
   * @param model id, version and shape
   * @param signature how the scene looked
   */
  public record FrameFacts(
      long epoch,
      long captureMicros,
      long intervalMicros,
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
    Objects.requireNonNull(dense);
    Objects.requireNonNull(motion);
  }
}
