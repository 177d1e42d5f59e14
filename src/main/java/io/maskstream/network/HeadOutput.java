package io.maskstream.network;

import org.jspecify.annotations.Nullable;

/**
 * What a head makes of features; N is the number of pixels at the output stride.
 *
 * @param scores class scores with the prior mixed in by trust: [B, K, N]
 * @param fresh class scores of the prototypes of this image alone: [B, K, N]
 * @param remembered class scores of the prior's prototypes alone: [B, K, N]
 * @param prototypes prototypes of this image, unit length: [B, P, D]
 * @param evidence share of the image behind each prototype, 0 to 1: [B, P]
 * @param coarse class scores of the fixed classifier, where the head has one: [B, K, N]
 * @param semantic semantic prototypes A, where the head adapts: [B, K, D]
 * @param spatial spatial prototypes B, where the head adapts: [B, K, D]
 */
public record HeadOutput<T>(
    T scores,
    T fresh,
    T remembered,
    T prototypes,
    T evidence,
    @Nullable T coarse,
    @Nullable T semantic,
    @Nullable T spatial) {}
