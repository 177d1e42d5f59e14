package io.maskstream.network;

/**
 * What a camera remembers, as a head takes it.
 *
 * @param bank prototypes, unit length or zero: [B, P, D]
 * @param trust weight of each prototype, 0 (ignore) to 1 (use the bank alone): [B, P]
 */
public record Prior<T>(T bank, T trust) {}
