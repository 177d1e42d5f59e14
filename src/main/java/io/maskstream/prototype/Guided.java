package io.maskstream.prototype;

/**
 * The default: the gain of each row follows the evidence.
 *
 * <p>W̄' = W̄ + g·(W - W̄) with g = e / m', where e is the evidence of this frame, m' = (1 - γ)·m +
 * e the evidence gathered so far and γ the smallest gain. A steady class is averaged over about 1 /
 * γ frames; a class that fills more of the image than before counts more; a class that is not in
 * the frame keeps its row and its mass unchanged, and is recognised with it when it comes back.
 */
final class Guided implements ReusePolicy {
  private final float trust;
  private final float gain;

  Guided(float trust, float gain) {
    this.trust = trust;
    this.gain = gain;
  }

  @Override
  public String name() {
    return Reuse.Policy.GUIDED.label();
  }

  @Override
  public float[] trust(PrototypeBank bank) {
    return Rows.uniformTrust(bank, trust);
  }

  @Override
  public PrototypeBank update(PrototypeBank bank, Observation observation) {
    float[] rows = bank.vectors();
    float[] mass = bank.mass();
    for (int p = 0; p < mass.length; p++) {
      float evidence = observation.evidence()[p];
      if (evidence >= Rows.ABSENT) {
        mass[p] = (1 - gain) * mass[p] + evidence;
        Rows.move(
            rows, observation.prototypes(), p, bank.features(), Math.min(1f, evidence / mass[p]));
      }
    }
    return new PrototypeBank(bank.prototypes(), bank.features(), rows, mass, bank.frames() + 1);
  }
}
