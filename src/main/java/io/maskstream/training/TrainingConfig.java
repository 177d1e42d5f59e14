package io.maskstream.training;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;
import java.util.Objects;

/**
 * How to train.
 *
 * @param epochs passes over the data
 * @param batchSize views a step, even
 * @param rate highest learning rate
 * @param backboneRate share of the rate for the backbone
 * @param weightDecay of matrices and filters, a step, times the rate
 * @param warmupSteps steps until the highest rate, at most a tenth of all; see {@link #schedule}
 * @param averageDecay share of the averaged weights that stays at each step
 * @param frozenBlocks backbone blocks, the stem before them included, that keep ImageNet's weights
 * @param priorShare share of the views that get their neighbour's prototypes as prior
 * @param lossWeights weights of loss terms where they differ from the head's defaults
 * @param seed of starting values, order and augmentation
 */
@RecordBuilder
public record TrainingConfig(
    int epochs,
    int batchSize,
    double rate,
    double backboneRate,
    double weightDecay,
    int warmupSteps,
    double averageDecay,
    int frozenBlocks,
    double priorShare,
    Map<String, Double> lossWeights,
    long seed)
    implements TrainingConfigBuilder.With {

  /** A warm-up of half of a short training would leave little of it. */
  private static final int WARMUP_DIVISOR = 10;

  /** As {@code frozenBlocks}: only the head and the last stage before it are trained. */
  public static final int ALL_BUT_LAST_STAGE = Integer.MAX_VALUE;

  private static final double DECAY_POWER = 0.9;

  public TrainingConfig {
    Objects.requireNonNull(lossWeights);
    lossWeights = Map.copyOf(lossWeights);
    if (!(rate > 0 && Double.isFinite(rate))) {
      throw new IllegalArgumentException("rate must be a number above 0, is " + rate);
    }
    if (!(backboneRate >= 0 && Double.isFinite(backboneRate))) {
      throw new IllegalArgumentException(
          "backboneRate must be a number of at least 0, is " + backboneRate);
    }
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs must be at least 1, is " + epochs);
    }
    if (!(averageDecay >= 0 && averageDecay < 1)) {
      throw new IllegalArgumentException(
          "averageDecay must be at least 0 and below 1, is " + averageDecay);
    }
    if (!(priorShare >= 0 && priorShare <= 1)) {
      throw new IllegalArgumentException("priorShare must be 0 to 1, is " + priorShare);
    }
  }

  /** The usual settings: half the rate for the backbone, warm-up of 200 steps, nothing frozen. */
  public static TrainingConfig with(int epochs, int batchSize, double rate, long seed) {
    return new TrainingConfig(
        epochs, batchSize, rate, 0.5, 0.01, 200, 0.999, 0, 0.5, Map.of(), seed);
  }

  /** Learning rates of a training of so many steps. */
  Schedule schedule(int totalSteps) {
    int warmup = Math.min(warmupSteps, totalSteps / WARMUP_DIVISOR);
    return new Schedule(rate, warmup, totalSteps, DECAY_POWER);
  }
}
