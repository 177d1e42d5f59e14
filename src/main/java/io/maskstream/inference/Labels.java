package io.maskstream.inference;

import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.Mask;
import java.util.Optional;

/**
 * The class of every pixel, with what is counted per class.
 *
 * @param mask class of every pixel
 * @param pixels count per class, K; shared with the receiver
 * @param confidence mean winning probability per class at the output stride, 0 to 1, 0 where it
 *     does not occur, K; shared with the receiver
 * @param map how sure the model is of each pixel, where that was asked for
 */
public record Labels(Mask mask, int[] pixels, float[] confidence, Optional<ConfidenceMap> map) {

  /** Labels without a map. */
  Labels(Mask mask, int[] pixels, float[] confidence) {
    this(mask, pixels, confidence, Optional.empty());
  }
}
