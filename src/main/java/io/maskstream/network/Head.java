package io.maskstream.network;

import java.util.Optional;

/** The part of a network that turns features into class logits and prototypes. */
public interface Head {

  /**
   * Classifies.
   *
   * @param features [B, D, h, w]
   * @param prior what the camera remembers; zero trust gives the per-image result
   */
  <T> HeadOutput<T> forward(Ops<T> ops, T features, Prior<T> prior);

  /** P, prototypes of one image. */
  int prototypes();

  /** Whether a prior changes what the head gives. */
  default boolean usesPrior() {
    return true;
  }

  /** Unit-length embeddings of the pixels, for losses: [B, D, h, w] to [B, D, N]. */
  default <T> T embeddings(Ops<T> ops, T features) {
    long[] size = ops.shape(features);
    return ops.l2Normalize(ops.reshape(features, -1, size[1], size[2] * size[3]), 1);
  }

  /** Whether the head has a teacher branch. */
  default boolean hasTeacher() {
    return false;
  }

  /**
   * The teacher branch: the same adaptation with centres from the true masks.
   *
   * @param features [B, D, h, w]
   * @param masks 1 where the pixel has the class, else 0; void pixels have none: [B, K, N]
   */
  default <T> TeacherOutput<T> forwardTeacher(Ops<T> ops, T features, T masks) {
    throw new UnsupportedOperationException("this head has no teacher branch");
  }

  /**
   * Prototypes that training moves to the means of their pixels, out of the gradients' reach.
   *
   * @param parameter name of the prototypes, class by class: [K·M, D]
   * @param perClass M
   */
  record MovedPrototypes(String parameter, int perClass) {}

  /** The prototypes that training moves, of a head that has some. */
  default Optional<MovedPrototypes> moved() {
    return Optional.empty();
  }
}
