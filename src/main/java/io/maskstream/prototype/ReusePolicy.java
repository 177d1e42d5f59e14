package io.maskstream.prototype;

import java.util.Optional;

/**
 * How a camera's prototypes and class probabilities are carried from frame to frame: pure
 * functions.
 *
 * <p>For every policy, a row of the next bank lies on the segment between the remembered and the
 * observed row, scaled back to unit length.
 */
public interface ReusePolicy {

  /** Name in configuration and records. */
  String name();

  /**
   * Weight of each remembered row in the next frame, 0 to 1: P. A row that remembers nothing has
   * weight 0.
   */
  float[] trust(PrototypeBank bank);

  /** How class probabilities are carried along, where they are. */
  default Optional<DenseReuse> dense() {
    return Optional.empty();
  }

  /** The bank after a frame. */
  PrototypeBank update(PrototypeBank bank, Observation observation);
}
