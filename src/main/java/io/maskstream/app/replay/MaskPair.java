package io.maskstream.app.replay;

/**
 * A frame with a mask of both sides.
 *
 * @param score of the replay, with its mask
 * @param first the other side's mask, in the spool, encoded
 * @param agreement share of pixels with the same class, 0 to 1
 * @param identical whether both masks have the same size and the same bytes
 */
record MaskPair(FrameScore score, Spool.Block first, double agreement, boolean identical) {}
