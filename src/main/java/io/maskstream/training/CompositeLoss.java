package io.maskstream.training;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The weighted sum of loss terms. */
public final class CompositeLoss {

  /** Weights of the terms; 0 leaves a term out. */
  public static final Map<String, Double> DEFAULT_WEIGHTS =
      Map.of(
          "crossEntropy", 1.0,
          "coarseCrossEntropy", 0.5,
          "teacherCrossEntropy", 0.5,
          "dice", 0.5,
          "teacherDice", 0.25,
          "responseDistillation", 0.5,
          "semanticDistillation", 0.5,
          "spatialDistillation", 0.5);

  /** The sum and its unweighted terms by name. */
  record Result(NDArray sum, Map<String, Float> terms) {}

  private final List<Loss> losses;
  private final Map<String, Double> weights;

  /**
   * The terms of SSA-Seg.
   *
   * @param classWeights weight of each class in the cross-entropies, K
   * @param weights of the terms by name; every name must be a term's
   */
  public CompositeLoss(float[] classWeights, Map<String, Double> weights) {
    List<Loss> all =
        List.of(
            new CrossEntropy("crossEntropy", in -> in.main().scores(), classWeights),
            new CrossEntropy(
                "coarseCrossEntropy",
                in -> Objects.requireNonNull(in.main().coarse()),
                classWeights),
            new CrossEntropy("teacherCrossEntropy", in -> in.teacher().scores(), classWeights),
            new Dice("dice", in -> in.main().scores()),
            new Dice("teacherDice", in -> in.teacher().scores()),
            new ResponseDistillation(),
            new RelationDistillation(),
            new SpatialDistillation());
    List<String> names = all.stream().map(Loss::name).toList();
    for (String name : weights.keySet()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException("no loss term " + name + "; the terms are " + names);
      }
    }
    this.weights = Map.copyOf(weights);
    this.losses = new ArrayList<>(all);
    losses.removeIf(loss -> weight(loss) == 0);
  }

  private double weight(Loss loss) {
    return weights.getOrDefault(loss.name(), 0.0);
  }

  Result evaluate(LossInput input) {
    NDArray sum = input.manager().create(0f);
    Map<String, Float> terms = new LinkedHashMap<>();
    for (Loss loss : losses) {
      NDArray value = loss.evaluate(input);
      terms.put(loss.name(), value.getFloat());
      sum = sum.add(value.mul((float) weight(loss)));
    }
    return new Result(sum, terms);
  }
}
