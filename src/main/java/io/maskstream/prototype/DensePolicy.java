package io.maskstream.prototype;

import java.util.Optional;

/** Reuse of class probabilities; the prototypes are those of each frame alone. */
final class DensePolicy implements ReusePolicy {
  private final Reuse.Policy policy;
  private final DenseReuse dense;

  DensePolicy(Reuse.Policy policy, DenseReuse dense) {
    this.policy = policy;
    this.dense = dense;
  }

  @Override
  public String name() {
    return policy.label();
  }

  @Override
  public float[] trust(PrototypeBank bank) {
    return new float[bank.prototypes()];
  }

  @Override
  public PrototypeBank update(PrototypeBank bank, Observation observation) {
    return Rows.replaced(bank, observation);
  }

  @Override
  public Optional<DenseReuse> dense() {
    return Optional.of(dense);
  }
}
