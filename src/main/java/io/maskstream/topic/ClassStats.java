package io.maskstream.topic;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.maskstream.frame.FrameId;
import io.maskstream.zone.ZoneStats;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is in one frame: the JSON record of {@code class-stats}.
 *
 * @param frame which one; its fields are fields of the record
 * @param model id and version
 * @param classes by class name, every class of the table
 * @param groups share of the frame by group, 0 to 1
 * @param zones by name of the zone, where the camera has some
 * @param unknown share of the frame of whose class the model is not sure, 0 to 1; null where that
 *     is not counted. These pixels are in {@code classes} too
 * @param propagatedMicros where the mask is that of an earlier frame, moved along the optical flow:
 *     the time since that one; else 0, and left out
 */
public record ClassStats(
    @JsonUnwrapped FrameId frame,
    String model,
    Map<String, ClassStat> classes,
    Map<String, Double> groups,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, ZoneStats> zones,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double unknown,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) long propagatedMicros) {

  public ClassStats {
    zones = zones == null ? Map.of() : zones; // records of versions without zones
  }

  /**
   * One class.
   *
   * @param pixels of the mask
   * @param share of the mask, 0 to 1
   * @param confidence mean probability where it wins, 0 to 1
   */
  public record ClassStat(int pixels, double share, double confidence) {}
}
