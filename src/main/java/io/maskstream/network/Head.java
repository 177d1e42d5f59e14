package io.maskstream.network;

/** The part of a network that turns features into class scores and prototypes. */
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
}
