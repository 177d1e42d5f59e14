package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import io.maskstream.network.NetworkConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The weighted sum of loss terms. */
public final class CompositeLoss {

  /** The term on successive frames. */
  public static final String CONSISTENCY = TemporalConsistency.NAME;

  /** The term of a network that is already trained. */
  public static final String OFFLINE = OfflineDistillation.NAME;

  private static final String CONTRAST = "pixelContrast";
  private static final String HIERARCHY = "hierarchy";

  /** The sum and its unweighted terms by name. */
  public record Result(NDArray sum, Map<String, Float> terms) {}

  private final List<Loss> losses;
  private final Map<String, Double> weights;

  /**
   * The terms of a network.
   *
   * @param classWeights weight of each class in the cross-entropies, K
   * @param groupOf group of each class, K
   * @param contrast the pixel contrast term, used where its weight is not 0
   * @param weights by name, from {@link #weights}
   */
  public CompositeLoss(
      NetworkConfig network,
      float[] classWeights,
      int[] groupOf,
      PixelContrast contrast,
      Map<String, Double> weights) {
    List<Loss> all =
        new ArrayList<>(
            List.of(
                new CrossEntropy("crossEntropy", in -> in.main().logits(), classWeights),
                new Dice("dice", in -> in.main().logits()),
                contrast,
                new TemporalConsistency(),
                new OfflineDistillation()));
    all.addAll(HeadLosses.of(network.head().kind(), classWeights).terms());
    if (network.groups() > 0) {
      all.add(new HierarchyLoss(groupOf));
    }
    this.weights = Map.copyOf(weights);
    this.losses = new ArrayList<>(all);
    losses.removeIf(loss -> weight(loss) == 0);
  }

  /**
   * Default weights of a network's terms with some of them changed.
   *
   * @param changes by name; 0 leaves a term out; a name that is no term of this network is an error
   */
  public static Map<String, Double> weights(NetworkConfig network, Map<String, Double> changes) {
    Map<String, Double> weights =
        new TreeMap<>(HeadLosses.of(network.head().kind(), new float[0]).weights());
    weights.put(CONTRAST, 0.0);
    weights.put(CONSISTENCY, 0.0);
    weights.put(OFFLINE, 0.0);
    if (network.groups() > 0) {
      weights.put(HIERARCHY, 0.1);
    }
    changes.forEach(
        (name, weight) -> {
          if (!weights.containsKey(name)) {
            throw new IllegalArgumentException(
                "no loss term %s for the head %s; the terms are %s"
                    .formatted(name, network.head().kind().label(), weights.keySet()));
          }
          if (!(weight >= 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException(
                "the weight of the loss term %s must be a number of at least 0, is %s"
                    .formatted(name, weight));
          }
        });
    weights.putAll(changes);
    return weights;
  }

  /** Whether any term looks at embeddings. */
  public boolean needsEmbeddings() {
    return losses.stream().anyMatch(Loss::needsEmbeddings);
  }

  private double weight(Loss loss) {
    return weights.getOrDefault(loss.name(), 0.0);
  }

  public Result evaluate(LossInput input) {
    NDArray sum = input.manager().create(0f);
    Map<String, Float> terms = new LinkedHashMap<>();
    for (Loss loss : losses) {
      NDArray value = loss.evaluate(input);
      terms.put(loss.name(), value.getFloat());
      sum = sum.add(SafeArrays.times(value, (float) weight(loss)));
    }
    return new Result(sum, terms);
  }
}
