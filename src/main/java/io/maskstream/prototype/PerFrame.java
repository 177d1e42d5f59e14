package io.maskstream.prototype;

/** No reuse: SSA-Seg as published. The bank keeps the latest prototypes but is never trusted. */
final class PerFrame implements ReusePolicy {

  @Override
  public String name() {
    return Reuse.Policy.PER_FRAME.label();
  }

  @Override
  public float[] trust(PrototypeBank bank) {
    return new float[bank.prototypes()];
  }

  @Override
  public PrototypeBank update(PrototypeBank bank, Observation observation) {
    return Rows.replaced(bank, observation);
  }
}
