package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import io.maskstream.network.HeadConfig;
import io.maskstream.network.NetworkConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The weighted sum of loss terms. */
public final class CompositeLoss {

  private static final String CONTRAST = "pixelContrast";
  private static final String HIERARCHY = "hierarchy";

  /** Weights of SSA-Seg's terms; those that are 0 are the authors' forms of others. */
  private static final Map<String, Double> SSA =
      Map.ofEntries(
          Map.entry("crossEntropy", 1.0),
          Map.entry("coarseCrossEntropy", 0.5),
          Map.entry("teacherCrossEntropy", 0.5),
          Map.entry("dice", 0.5),
          Map.entry("teacherDice", 0.25),
          Map.entry("responseDistillation", 0.5),
          Map.entry("semanticDistillation", 0.5),
          Map.entry("spatialDistillation", 0.5),
          Map.entry("sigmoidDice", 0.0),
          Map.entry("teacherSigmoidDice", 0.0),
          Map.entry("entropyResponseDistillation", 0.0),
          Map.entry("softRelationDistillation", 0.0),
          Map.entry("softSpatialDistillation", 0.0));

  private static final Map<String, Double> PLAIN = Map.of("crossEntropy", 1.0, "dice", 0.5);

  /** CE + 0.01·PPC + 0.01·PPD as in the paper; dice as for the other heads. */
  private static final Map<String, Double> PROTOSEG =
      Map.of(
          "crossEntropy", 1.0,
          "dice", 0.5,
          "pixelPrototypeContrast", 0.01,
          "pixelPrototypeDistance", 0.01);

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
                contrast));
    if (network.head().kind() == HeadConfig.Kind.SSA) {
      all.addAll(teacherTerms(classWeights));
    }
    if (network.head().kind() == HeadConfig.Kind.PROTOSEG) {
      all.add(new PixelPrototypeContrast());
      all.add(new PixelPrototypeDistance());
    }
    if (network.groups() > 0) {
      all.add(new HierarchyLoss(groupOf));
    }
    this.weights = Map.copyOf(weights);
    this.losses = new ArrayList<>(all);
    losses.removeIf(loss -> weight(loss) == 0);
  }

  private static List<Loss> teacherTerms(float[] classWeights) {
    return List.of(
        new CrossEntropy(
            "coarseCrossEntropy", in -> Objects.requireNonNull(in.main().coarse()), classWeights),
        new CrossEntropy("teacherCrossEntropy", in -> in.teacherOutput().logits(), classWeights),
        new Dice("teacherDice", in -> in.teacherOutput().logits()),
        new ResponseDistillation(),
        new SemanticDistillation(),
        new SpatialDistillation(),
        new SigmoidDice("sigmoidDice", in -> in.main().logits()),
        new SigmoidDice("teacherSigmoidDice", in -> in.teacherOutput().logits()),
        new EntropyResponseDistillation(),
        new SoftRelationDistillation(),
        new SoftSpatialDistillation());
  }

  /**
   * Default weights of a network's terms with some of them changed.
   *
   * @param changes by name; 0 leaves a term out; a name that is no term of this network is an error
   */
  public static Map<String, Double> weights(NetworkConfig network, Map<String, Double> changes) {
    Map<String, Double> weights =
        new TreeMap<>(
            switch (network.head().kind()) {
              case PLAIN -> PLAIN;
              case SSA -> SSA;
              case PROTOSEG -> PROTOSEG;
            });
    weights.put(CONTRAST, 0.0);
    if (network.groups() > 0) {
      weights.put(HIERARCHY, 0.1);
    }
    for (String name : changes.keySet()) {
      if (!weights.containsKey(name)) {
        throw new IllegalArgumentException(
            "no loss term %s for the head %s; the terms are %s"
                .formatted(name, network.head().kind().label(), weights.keySet()));
      }
    }
    weights.putAll(changes);
    return weights;
  }

  /** Whether any term looks at embeddings. */
  public boolean needsEmbeddings() {
    return losses.stream()
        .anyMatch(
            loss ->
                Stream.of(
                        PixelContrast.class,
                        HierarchyLoss.class,
                        PixelPrototypeContrast.class,
                        PixelPrototypeDistance.class)
                    .anyMatch(type -> type.isInstance(loss)));
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
