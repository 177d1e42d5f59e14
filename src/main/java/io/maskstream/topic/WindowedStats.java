package io.maskstream.topic;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was seen over a time window: the JSON record of {@code class-stats-windowed}, keyed {@code
 * camera@start/length}, both in milliseconds.
 *
 * @param startMillis start of the window, milliseconds since 1970
 * @param windowMillis length of the window
 * @param frames segmented in it
 * @param classes by class name
 * @param unknown of whose class the model is not sure; null where that is not counted
 */
public record WindowedStats(
    String camera,
    long startMillis,
    long windowMillis,
    long frames,
    Map<String, ShareOverTime> classes,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ShareOverTime unknown) {

  /**
   * Share of the frame of one class or of the unknown, 0 to 1.
   *
   * @param changePerSecond mean absolute change from frame to frame, a second
   */
  public record ShareOverTime(double min, double mean, double max, double changePerSecond) {}
}
