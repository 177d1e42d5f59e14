package io.maskstream.prototype;

/**
 * What one frame says about prototypes. The arrays are the model's output and are only read.
 *
 * @param prototypes rows of unit length: P·D
 * @param evidence share of the image behind each row, 0 to 1: P
 * @param agreement share of pixels on which prior and frame agree, 0 to 1; 0 without prior
 */
public record Observation(float[] prototypes, float[] evidence, float agreement) {

  /** The same with another agreement. */
  public Observation withAgreement(float other) {
    return new Observation(prototypes, evidence, other);
  }
}
