package io.maskstream.prototype;

/** Classifies with the bank alone and adapts when bank and frame no longer agree. */
final class Drift implements ReusePolicy {
  private final float driftThreshold;

  Drift(float driftThreshold) {
    this.driftThreshold = driftThreshold;
  }

  @Override
  public String name() {
    return Reuse.Policy.DRIFT.label();
  }

  @Override
  public float[] trust(PrototypeBank bank) {
    return Rows.uniformTrust(bank, 1f);
  }

  @Override
  public PrototypeBank update(PrototypeBank bank, Observation observation) {
    boolean adapts = bank.frames() == 0 || observation.agreement() < driftThreshold;
    return adapts ? Rows.replaced(bank, observation) : Rows.counted(bank);
  }
}
