package io.maskstream.loss;

import io.maskstream.network.HeadConfig;
import java.util.List;
import java.util.Map;

/**
 * Loss terms of one kind of head, beside those that all heads have.
 *
 * @param weights default weights by name of these and the common terms; 0 leaves a term out unless
 *     it is asked for
 * @param terms in the order in which they are reported
 */
record HeadLosses(Map<String, Double> weights, List<Loss> terms) {

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

  /**
   * Terms of a kind of head.
   *
   * @param classWeights weight of each class in the cross-entropies, K
   */
  static HeadLosses of(HeadConfig.Kind kind, float[] classWeights) {
    return switch (kind) {
      case PLAIN -> new HeadLosses(PLAIN, List.of());
      case SSA -> new HeadLosses(SSA, ssa(classWeights));
      case PROTOSEG ->
          new HeadLosses(
              PROTOSEG, List.of(new PixelPrototypeContrast(), new PixelPrototypeDistance()));
    };
  }

  private static List<Loss> ssa(float[] classWeights) {
    return List.of(
        new CrossEntropy("coarseCrossEntropy", in -> in.ssa().coarse(), classWeights),
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
}
