package io.maskstream.network;

/**
 * What every head makes of features; N is the number of pixels at the output stride.
 *
 * @param logits class logits with the prior mixed in by trust: [B, K, N]
 * @param fresh class logits of the prototypes of this image alone: [B, K, N]
 * @param remembered class logits of the prior's prototypes alone: [B, K, N]
 * @param prototypes prototypes of this image, unit length: [B, P, D]
 * @param evidence share of the image behind each prototype, 0 to 1: [B, P]
 * @param detail what this kind of head gives beside that
 */
public record HeadOutput<T>(
    T logits, T fresh, T remembered, T prototypes, T evidence, HeadDetail<T> detail) {

  /** Of a head that does not adapt. */
  static <T> HeadOutput<T> fixed(T logits, T prototypes, T evidence) {
    return new HeadOutput<>(logits, logits, logits, prototypes, evidence, new HeadDetail.None<>());
  }

  /** The same with an offset per class on all logits that decide: [K, 1]. */
  HeadOutput<T> shifted(Ops<T> ops, T offsets) {
    return new HeadOutput<>(
        ops.add(logits, offsets),
        ops.add(fresh, offsets),
        ops.add(remembered, offsets),
        prototypes,
        evidence,
        detail);
  }
}
