package io.maskstream.prototype;

/**
 * How a camera's prototypes are carried from frame to frame: two pure functions.
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

  /** The bank after a frame. */
  PrototypeBank update(PrototypeBank bank, Observation observation);
}
