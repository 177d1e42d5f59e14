package io.maskstream.inference;

import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.Mask;
import io.maskstream.prototype.Observation;
import java.util.Optional;

/**
 * A segmented frame.
 *
 * @param mask class of every pixel
 * @param pixels count per class, K; shared with the receiver
 * @param confidence mean winning probability per class, 0 to 1, 0 where it does not occur, K;
 *     shared with the receiver
 * @param observation prototypes of the frame
 * @param memoryWeight mean weight of remembered class probabilities, 0 to 1; 0 where they were not
 *     used
 * @param map how sure the model is of each pixel, where that was asked for; of the part of the
 *     picture that the mask shows
 */
public record Segmentation(
    Mask mask,
    int[] pixels,
    float[] confidence,
    Observation observation,
    float memoryWeight,
    Optional<ConfidenceMap> map) {

  static Segmentation of(Labels labels, Observation observation, float memoryWeight) {
    return new Segmentation(
        labels.mask(),
        labels.pixels(),
        labels.confidence(),
        observation,
        memoryWeight,
        labels.map());
  }
}
