package io.maskstream.inference;

import io.maskstream.prototype.LogitMap;
import io.maskstream.prototype.Observation;
import java.util.Optional;

/**
 * What a forward pass says of one frame. At least one of labels and logits is present.
 *
 * @param labels made inside the graph
 * @param logits from which labels can be computed, see {@link LogitDecoder}
 * @param observation prototypes of the frame
 */
public record ModelOutput(
    Optional<Labels> labels, Optional<LogitMap> logits, Observation observation) {

  public ModelOutput {
    if (labels.isEmpty() && logits.isEmpty()) {
      throw new IllegalArgumentException("a model gives labels or logits, this one neither");
    }
  }
}
