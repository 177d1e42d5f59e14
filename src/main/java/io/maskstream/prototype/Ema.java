package io.maskstream.prototype;

/** Exponential moving average with a fixed gain, whatever the evidence. */
final class Ema implements ReusePolicy {
  private final float trust;
  private final float gain;

  Ema(float trust, float gain) {
    this.trust = trust;
    this.gain = gain;
  }

  @Override
  public String name() {
    return Reuse.Policy.EMA.label();
  }

  @Override
  public float[] trust(PrototypeBank bank) {
    return Rows.uniformTrust(bank, trust);
  }

  @Override
  public PrototypeBank update(PrototypeBank bank, Observation observation) {
    if (bank.frames() == 0) {
      return Rows.replaced(bank, observation);
    }
    float[] rows = bank.vectors();
    float[] mass = bank.mass();
    for (int p = 0; p < mass.length; p++) {
      Rows.move(rows, observation.prototypes(), p, bank.features(), gain);
      mass[p] += gain * (observation.evidence()[p] - mass[p]);
    }
    return new PrototypeBank(bank.prototypes(), bank.features(), rows, mass, bank.frames() + 1);
  }
}
