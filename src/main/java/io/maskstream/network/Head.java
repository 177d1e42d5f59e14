package io.maskstream.network;

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
  default <T> HeadOutput<T> forwardTeacher(Ops<T> ops, T features, T masks) {
    throw new UnsupportedOperationException("this head has no teacher branch");
  }
}
