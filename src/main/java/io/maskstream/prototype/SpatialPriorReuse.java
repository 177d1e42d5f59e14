package io.maskstream.prototype;

/**
 * A policy for prototypes, joined by the update of the rows behind them that remember places: a
 * running mean that forgets by half a frame, whatever the policy. Full trust, as the model itself
 * knows how much a place may say.
 */
public final class SpatialPriorReuse implements ReusePolicy {

  /** Share of a new frame. A camera that moves makes older places worthless within few frames. */
  static final float GAIN = 0.5f;

  private final ReusePolicy semantic;
  private final int semanticRows;

  private SpatialPriorReuse(ReusePolicy semantic, int semanticRows) {
    this.semantic = semantic;
    this.semanticRows = semanticRows;
  }

  /**
   * The policy of a model.
   *
   * @param policy for the prototypes; without reuse there is none of places either
   * @param semanticRows rows of the bank that are prototypes
   * @param rows all rows of the bank
   */
  public static ReusePolicy of(ReusePolicy policy, int semanticRows, int rows) {
    boolean without =
        rows == semanticRows || policy instanceof PerFrame || policy.dense().isPresent();
    return without ? policy : new SpatialPriorReuse(policy, semanticRows);
  }

  @Override
  public String name() {
    return semantic.name();
  }

  @Override
  public float[] trust(PrototypeBank bank) {
    float[] trust = semantic.trust(bank);
    float[] mass = bank.mass();
    for (int p = semanticRows; p < trust.length; p++) {
      trust[p] = mass[p] > 0 ? 1f : 0f;
    }
    return trust;
  }

  @Override
  public PrototypeBank update(PrototypeBank bank, Observation observation) {
    PrototypeBank next = semantic.update(bank, observation);
    float[] rows = next.vectors();
    float[] mass = next.mass();
    float[] before = bank.vectors();
    float[] massBefore = bank.mass();
    float[] observed = observation.prototypes();
    for (int p = semanticRows; p < mass.length; p++) {
      float gain = massBefore[p] > 0 ? GAIN : 1f;
      for (int i = p * bank.features(); i < (p + 1) * bank.features(); i++) {
        rows[i] = before[i] + gain * (observed[i] - before[i]);
      }
      mass[p] = 1f;
    }
    return new PrototypeBank(next.prototypes(), next.features(), rows, mass, next.frames());
  }
}
