package io.maskstream.network;

/**
 * What a head's teacher branch makes of features and the ground truth; only training reads it.
 *
 * @param logits class logits: [B, K, N]
 * @param semantic semantic prototypes A: [B, K, D]
 * @param spatial spatial prototypes B: [B, K, D]
 */
public record TeacherOutput<T>(T logits, T semantic, T spatial) {}
