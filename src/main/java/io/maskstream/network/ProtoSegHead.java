package io.maskstream.network;

import io.maskstream.network.ParameterSpec.Init;
import java.util.Optional;

/**
 * ProtoSeg: M non-learned prototypes per class; a pixel has the class of the nearest one.
 *
 * <p>Zhou et al., "Rethinking Semantic Segmentation: A Prototype View", CVPR 2022. Features are
 * layer-normalised and scaled to unit length; a class's logit is the largest of its M cosine
 * similarities (eq. 6), layer-normalised over the classes as in the authors' code, because cosines
 * alone are too flat for a soft-max. Gradients do not reach the prototypes: training moves them
 * (eq. 10, {@code training.PrototypeMomentum}), which is why they are a statistic here.
 *
 * <p>Ours: an image's own prototypes are the means of the pixels that it gives to each fixed one,
 * weighted softly; they go to the camera's bank, and the bank comes back mixed into the fixed ones
 * by trust. So ProtoSeg adapts at test time by the same momentum that trained it. With trust 0 the
 * result is bit-identical to the paper's.
 */
public final class ProtoSegHead implements Head {

  /** Softness of an image's own assignment of pixels to prototypes, in cosine. */
  private static final float SOFTNESS = 0.05f;

  private static final float NO_PIXELS = 1e-6f;

  /** Added to a variance before the root; PyTorch's value for layer normalisation. */
  private static final float NORM_EPSILON = 1e-5f;

  private final int classes;
  private final int perClass;
  private final int features;
  private final LayerNorm pixelNorm;
  private final LayerNorm scoreNorm;
  private final String prototypes;

  /** Scale and shift of a layer normalisation along axis 1. */
  private record LayerNorm(String scale, String shift) {
    static LayerNorm declare(Scope scope, int length) {
      return new LayerNorm(
          scope.trained("scale", Init.ONES, length, 1),
          scope.trained("shift", Init.ZEROS, length, 1));
    }

    <T> T forward(Ops<T> ops, T x) {
      T centred = ops.subtract(x, ops.mean(x, 1));
      T variance = ops.mean(ops.multiply(centred, centred), 1);
      T normal = ops.divide(centred, ops.sqrt(ops.add(variance, ops.constant(NORM_EPSILON))));
      return ops.add(ops.multiply(normal, ops.parameter(scale)), ops.parameter(shift));
    }
  }

  /**
   * Declares a head.
   *
   * @param classes K
   * @param perClass M
   * @param features D
   */
  ProtoSegHead(Scope scope, int classes, int perClass, int features) {
    this.classes = classes;
    this.perClass = perClass;
    this.features = features;
    this.pixelNorm = LayerNorm.declare(scope.child("pixels"), features);
    this.scoreNorm = LayerNorm.declare(scope.child("scores"), classes);
    this.prototypes =
        scope.statistic("prototypes", Init.leCun(features), (long) classes * perClass, features);
  }

  @Override
  public int prototypes() {
    return classes * perClass;
  }

  @Override
  public Optional<MovedPrototypes> moved() {
    return Optional.of(new MovedPrototypes(prototypes, perClass));
  }

  @Override
  public <T> T embeddings(Ops<T> ops, T map) {
    long pixels = ops.shape(map)[2] * ops.shape(map)[3];
    return ops.l2Normalize(pixelNorm.forward(ops, ops.reshape(map, -1, features, pixels)), 1);
  }

  @Override
  public <T> HeadOutput<T> forward(Ops<T> ops, T map, Prior<T> prior) {
    T embeddings = embeddings(ops, map); // [B, D, N]
    T fixed = ops.l2Normalize(ops.parameter(prototypes), 1); // [P, D]
    T trust = ops.reshape(prior.trust(), -1, prototypes(), 1); // [B, P, 1]
    T shift = ops.multiply(trust, ops.subtract(prior.bank(), fixed)); // [B, P, D]
    T used = ops.l2Normalize(ops.add(fixed, shift), 2); // [B, P, D]
    T similarity = ops.matmul(used, embeddings); // [B, P, N]
    T memberships =
        ops.softmax(ops.multiply(similarity, ops.constant(1 / SOFTNESS)), 1); // [B, P, N]
    T mass = ops.sum(memberships, 2); // [B, P, 1]
    T sums = ops.matmul(memberships, ops.transpose(embeddings, 0, 2, 1)); // [B, P, D]
    T weight = ops.add(mass, ops.constant(NO_PIXELS));
    T own = ops.l2Normalize(ops.add(sums, ops.multiply(fixed, ops.constant(NO_PIXELS))), 2);
    long pixels = ops.shape(similarity)[2];
    T evidence =
        ops.reshape(ops.divide(weight, ops.constant((float) pixels)), -1, prototypes()); // [B, P]
    T toFixed = ops.matmul(fixed, embeddings); // [B, P, N]
    return new HeadOutput<>(
        logits(ops, similarity),
        logits(ops, toFixed),
        logits(ops, ops.matmul(prior.bank(), embeddings)),
        own,
        evidence,
        new HeadDetail.ProtoSeg<>(toFixed, embeddings, fixed));
  }

  /** The best of each class's prototypes, normalised over the classes: [B, P, N] to [B, K, N]. */
  private <T> T logits(Ops<T> ops, T similarity) {
    long pixels = ops.shape(similarity)[2];
    T best = ops.max(ops.reshape(similarity, -1, classes, perClass, pixels), 2); // [B, K, 1, N]
    return scoreNorm.forward(ops, ops.reshape(best, -1, classes, pixels));
  }
}
