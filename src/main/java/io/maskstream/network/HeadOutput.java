package io.maskstream.network;

import org.jspecify.annotations.Nullable;

/**
 * What a head makes of features; N is the number of pixels at the output stride.
 *
 * @param logits class logits with the prior mixed in by trust: [B, K, N]
 * @param fresh class logits of the prototypes of this image alone: [B, K, N]
 * @param remembered class logits of the prior's prototypes alone: [B, K, N]
 * @param prototypes prototypes of this image, unit length: [B, P, D]
 * @param evidence share of the image behind each prototype, 0 to 1: [B, P]
 * @param coarse class logits of the fixed classifier, where the head has one: [B, K, N]
 * @param semantic semantic prototypes A, where the head adapts: [B, K, D]
 * @param spatial spatial prototypes B, where the head adapts: [B, K, D]
 * @param similarity cosine of each pixel with each fixed prototype, which is what training moves,
 *     where a class has several: [B, P, N]
 * @param embeddings vectors whose cosines with prototypes are the logits, of any length: [B, D, N]
 * @param unadapted prototypes before any image has moved them, unit length: [P, D]
 */
public record HeadOutput<T>(
    T logits,
    T fresh,
    T remembered,
    T prototypes,
    T evidence,
    @Nullable T coarse,
    @Nullable T semantic,
    @Nullable T spatial,
    @Nullable T similarity,
    @Nullable T embeddings,
    @Nullable T unadapted) {

  /** Of a head that does not adapt. */
  static <T> HeadOutput<T> fixed(T logits, T prototypes, T evidence) {
    return new HeadOutput<>(
        logits, logits, logits, prototypes, evidence, null, null, null, null, null, null);
  }

  /** The same with an offset a class on all logits that decide: [K, 1]. */
  HeadOutput<T> shifted(Ops<T> ops, T offsets) {
    return new HeadOutput<>(
        ops.add(logits, offsets),
        ops.add(fresh, offsets),
        ops.add(remembered, offsets),
        prototypes,
        evidence,
        coarse,
        semantic,
        spatial,
        similarity,
        embeddings,
        unadapted);
  }

  /** The same with what a {@link SpatialPrior} adds. */
  HeadOutput<T> with(T placed, T allPrototypes, T allEvidence) {
    return new HeadOutput<>(
        placed,
        fresh,
        remembered,
        allPrototypes,
        allEvidence,
        coarse,
        semantic,
        spatial,
        similarity,
        embeddings,
        unadapted);
  }
}
