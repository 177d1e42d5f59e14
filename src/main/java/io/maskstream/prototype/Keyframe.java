package io.maskstream.prototype;

/** Adapts on every n-th frame and classifies with the bank alone in between. */
final class Keyframe implements ReusePolicy {
  private final int keyframeInterval;

  Keyframe(int keyframeInterval) {
    this.keyframeInterval = keyframeInterval;
  }

  @Override
  public String name() {
    return Reuse.Policy.KEYFRAME.label();
  }

  private boolean adapts(PrototypeBank bank) {
    return bank.frames() % keyframeInterval == 0;
  }

  @Override
  public float[] trust(PrototypeBank bank) {
    return adapts(bank) ? new float[bank.prototypes()] : Rows.uniformTrust(bank, 1f);
  }

  @Override
  public PrototypeBank update(PrototypeBank bank, Observation observation) {
    return adapts(bank) ? Rows.replaced(bank, observation) : Rows.counted(bank);
  }
}
