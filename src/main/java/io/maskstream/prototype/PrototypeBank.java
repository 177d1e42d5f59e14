package io.maskstream.prototype;

import java.util.Arrays;

/**
 * The prototypes that one camera remembers.
 *
 * <p>Arrays are copied on the way in and out.
 */
public final class PrototypeBank {
  private final int prototypes;
  private final int features;
  private final float[] vectors;
  private final float[] mass;
  private final long frames;

  /**
   * A bank.
   *
   * @param prototypes P
   * @param features D
   * @param vectors rows of unit length, or zero where nothing is remembered: P·D
   * @param mass evidence behind each row, in images; 0 where nothing is remembered: P
   * @param frames frames learned from since the last reset
   */
  public PrototypeBank(int prototypes, int features, float[] vectors, float[] mass, long frames) {
    if (vectors.length != prototypes * features || mass.length != prototypes) {
      throw new IllegalArgumentException(
          "a bank of %d×%d needs %d and %d numbers, has %d and %d"
              .formatted(
                  prototypes,
                  features,
                  prototypes * features,
                  prototypes,
                  vectors.length,
                  mass.length));
    }
    this.prototypes = prototypes;
    this.features = features;
    this.vectors = vectors.clone();
    this.mass = mass.clone();
    this.frames = frames;
  }

  /** A bank that remembers nothing. */
  public static PrototypeBank cold(int prototypes, int features) {
    return new PrototypeBank(
        prototypes, features, new float[prototypes * features], new float[prototypes], 0);
  }

  public int prototypes() {
    return prototypes;
  }

  public int features() {
    return features;
  }

  /** Rows, P·D. */
  public float[] vectors() {
    return vectors.clone();
  }

  /** Evidence behind each row, P. */
  public float[] mass() {
    return mass.clone();
  }

  /** Frames learned from since the last reset. */
  public long frames() {
    return frames;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PrototypeBank bank
        && bank.prototypes == prototypes
        && bank.features == features
        && bank.frames == frames
        && Arrays.equals(bank.vectors, vectors)
        && Arrays.equals(bank.mass, mass);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(vectors) * 31 + Arrays.hashCode(mass);
  }
}
