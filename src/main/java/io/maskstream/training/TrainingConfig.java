package io.maskstream.training;

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
 * @param warmupSteps steps until the highest rate
 * @param averageDecay share of the averaged weights that stays at each step
 * @param frozenBlocks backbone blocks, the stem before them included, that keep ImageNet's weights
 * @param priorShare share of the views that get their neighbour's prototypes as prior
 * @param lossWeights weights of the loss terms
 * @param seed of starting values, order and augmentation
 */
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
    long seed) {

  public TrainingConfig {
    Objects.requireNonNull(lossWeights);
    lossWeights = Map.copyOf(lossWeights);
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs must be at least 1, is " + epochs);
    }
    if (averageDecay < 0 || averageDecay >= 1) {
      throw new IllegalArgumentException(
          "averageDecay must be at least 0 and below 1, is " + averageDecay);
    }
    if (priorShare < 0 || priorShare > 1) {
      throw new IllegalArgumentException("priorShare must be 0 to 1, is " + priorShare);
    }
  }
}
