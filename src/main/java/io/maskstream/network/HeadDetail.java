package io.maskstream.network;

import java.util.Map;

/**
 * What one kind of head gives beside the result: read by its loss terms and by explanations, never
 * by serving.
 */
public sealed interface HeadDetail<T> {

  /** Tensors that explain the result, by meaning. */
  Map<String, T> explained();

  /** Of heads that have nothing more. */
  record None<T>() implements HeadDetail<T> {
    @Override
    public Map<String, T> explained() {
      return Map.of();
    }
  }

  /**
   * Of {@link SsaHead}.
   *
   * @param coarse class logits of the fixed classifier: [B, K, N]
   * @param semantic semantic prototypes A: [B, K, D]
   * @param spatial spatial prototypes B: [B, K, D]
   * @param embeddings F + Q, whose cosines with prototypes are the logits: [B, D, N]
   * @param unadapted prototypes before any image has moved them, unit length: [K, D]
   */
  record Ssa<T>(T coarse, T semantic, T spatial, T embeddings, T unadapted)
      implements HeadDetail<T> {
    @Override
    public Map<String, T> explained() {
      return Map.of("coarse", coarse, "embeddings", embeddings, "unadapted", unadapted);
    }
  }

  /**
   * Of {@link ProtoSegHead}.
   *
   * @param similarity cosine of each pixel with each fixed prototype, which is what training moves:
   *     [B, P, N]
   * @param embeddings pixels, unit length: [B, D, N]
   * @param unadapted prototypes before any image has moved them, unit length: [P, D]
   */
  record ProtoSeg<T>(T similarity, T embeddings, T unadapted) implements HeadDetail<T> {
    @Override
    public Map<String, T> explained() {
      return Map.of("similarity", similarity, "embeddings", embeddings, "unadapted", unadapted);
    }
  }
}
