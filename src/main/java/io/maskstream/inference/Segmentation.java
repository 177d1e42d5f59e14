package io.maskstream.inference;

import io.maskstream.frame.Mask;
import io.maskstream.prototype.Observation;

/**
 * What the model says of one frame.
 *
 * @param mask class of every pixel
 * @param pixels count a class, K; shared with the receiver
 * @param confidence mean winning probability a class, 0 to 1, 0 where it does not occur, K; shared
 *     with the receiver
 * @param observation prototypes of the frame
 */
public record Segmentation(Mask mask, int[] pixels, float[] confidence, Observation observation) {}
