package io.maskstream.topic;

import java.util.Map;

/**
 * What is in one frame: the JSON record of {@code class-stats}.
 *
 * @param camera camera id
 * @param epoch connection to the camera
 * @param sequence within the epoch
 * @param captureMicros capture time, microseconds since 1970
 * @param model id and version
 * @param classes by class name, every class of the table
 * @param groups share of the frame by group, 0 to 1
 */
public record ClassStats(
    String camera,
    long epoch,
    long sequence,
    long captureMicros,
    String model,
    Map<String, ClassStat> classes,
    Map<String, Double> groups) {

  /**
   * One class.
   *
   * @param pixels of the mask
   * @param share of the mask, 0 to 1
   * @param confidence mean probability where it wins, 0 to 1
   */
  public record ClassStat(int pixels, double share, double confidence) {}
}
