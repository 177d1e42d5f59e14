package io.maskstream.zone;

import java.util.Map;

/**
 * What a mask says of one zone.
 *
 * @param pixels of the mask inside the zone
 * @param classes by class name, every class of the table
 */
public record ZoneStats(int pixels, Map<String, ClassInZone> classes) {

  /**
   * One class inside the zone.
   *
   * @param pixels of the class
   * @param share of the zone, 0 to 1
   * @param regions connected regions (8 neighbors); 0 where the zone does not count them
   * @param largest share of the zone that the largest region has, 0 to 1
   */
  public record ClassInZone(int pixels, double share, int regions, double largest) {}
}
