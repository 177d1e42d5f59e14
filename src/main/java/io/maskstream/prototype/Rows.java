package io.maskstream.prototype;

/** Arithmetic on the rows of banks. */
final class Rows {

  /** Evidence below which a class counts as absent: 2 pixels of a 120×90 map. */
  static final float ABSENT = 2f / (120 * 90);

  private Rows() {}

  /** The same trust for every row that remembers something. */
  static float[] uniformTrust(PrototypeBank bank, float trust) {
    float[] mass = bank.mass();
    float[] result = new float[mass.length];
    for (int p = 0; p < mass.length; p++) {
      result[p] = mass[p] > 0 ? trust : 0f;
    }
    return result;
  }

  /**
   * Moves a row towards an observed one and scales it to unit length.
   *
   * @param gain 0 keeps the row unchanged, 1 takes the observed one
   */
  static void move(float[] rows, float[] observed, int row, int features, float gain) {
    int start = row * features;
    if (gain == 0f) {
      return;
    }
    if (gain == 1f) {
      System.arraycopy(observed, start, rows, start, features);
      return;
    }
    double squares = 0;
    for (int i = start; i < start + features; i++) {
      rows[i] += gain * (observed[i] - rows[i]);
      squares += (double) rows[i] * rows[i];
    }
    float scale = squares > 0 ? (float) (1 / Math.sqrt(squares)) : 0f;
    for (int i = start; i < start + features; i++) {
      rows[i] *= scale;
    }
  }

  /** A bank that takes all of an observation. */
  static PrototypeBank replaced(PrototypeBank bank, Observation observation) {
    return new PrototypeBank(
        bank.prototypes(),
        bank.features(),
        observation.prototypes(),
        observation.evidence(),
        bank.frames() + 1);
  }

  /** The bank unchanged but for one more frame. */
  static PrototypeBank counted(PrototypeBank bank) {
    return new PrototypeBank(
        bank.prototypes(), bank.features(), bank.vectors(), bank.mass(), bank.frames() + 1);
  }
}
