package io.maskstream.client;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Mask;
import io.maskstream.topic.ConfidenceCodec;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.v1.SegmentedFrame;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A segmented frame.
 *
 * @param id which one
 * @param record all of its fields
 * @param table classes of the mask
 */
public record ReceivedFrame(FrameId id, SegmentedFrame record, ClassTable table) {

  /**
   * The mask, decoded at each call.
   *
   * @throws IllegalArgumentException says what is wrong with it
   */
  public Mask mask() {
    return MaskCodec.decode(record.getMask());
  }

  /**
   * How sure the model is of each part of the picture, decoded at each call; empty where the
   * deployment does not write it ({@code segment.confidence}).
   *
   * @throws IllegalArgumentException says what is wrong with it
   */
  public Optional<ConfidenceMap> confidence() {
    return record.hasConfidence()
        ? Optional.of(ConfidenceCodec.decode(record.getConfidence()))
        : Optional.empty();
  }

  /** Share of the mask, 0 to 1, by class name, of the classes that occur. */
  public Map<String, Double> shares() {
    double pixels = (double) record.getMask().getWidth() * record.getMask().getHeight();
    Map<String, Double> shares = new LinkedHashMap<>();
    for (int k = 0; k < Math.min(table.size(), record.getClassesCount()); k++) {
      int count = record.getClasses(k).getPixels();
      if (count > 0) {
        shares.put(table.name(k), count / pixels);
      }
    }
    return shares;
  }
}
