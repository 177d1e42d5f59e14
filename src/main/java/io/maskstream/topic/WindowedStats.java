package io.maskstream.topic;

import java.util.Map;

/**
 * What was seen over a time window: the JSON record of {@code class-stats-windowed}, keyed {@code
 * camera@start/length}, both in milliseconds.
 *
 * @param startMillis start of the window, milliseconds since 1970
 * @param windowMillis length of the window
 * @param frames segmented in it
 * @param classes by class name
 */
public record WindowedStats(
    String camera,
    long startMillis,
    long windowMillis,
    long frames,
    Map<String, ShareOverTime> classes) {

  /**
   * Share of the frame of one class, 0 to 1.
   *
   * @param changePerSecond mean absolute change from frame to frame, a second
   */
  public record ShareOverTime(double min, double mean, double max, double changePerSecond) {}
}
