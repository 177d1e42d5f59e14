package io.maskstream.zone;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import java.util.List;

/**
 * A polygon in a camera's picture. Coordinates are shares of the width and the height, so that it
 * stays where it is when the camera changes its resolution.
 *
 * @param polygon corners as [x, y], 0 to 1, from the left and from the top; the last is joined to
 *     the first
 * @param regions classes whose connected regions are counted; of all others only the pixels
 */
public record Zone(
    @Key("Name of the zone, unique for its camera.") String name,
    @Key("Corners as [x, y] in shares of width and height from the upper left, 0 to 1.")
        List<List<Double>> polygon,
    @Key(value = "Classes whose connected regions are counted.", defaultValue = "[]")
        List<String> regions) {

  private static final int MAX_CORNERS = 200;

  public Zone {
    Checks.require(
        name.matches("[A-Za-z0-9._-]{1,60}"),
        "a zone's name must be 1 to 60 letters, digits, dots, hyphens or underscores, is '"
            + name
            + "'");
    Checks.require(
        polygon.size() >= 3 && polygon.size() <= MAX_CORNERS,
        "zone %s must have 3 to %d corners, has %d".formatted(name, MAX_CORNERS, polygon.size()));
    for (List<Double> corner : polygon) {
      Checks.require(
          corner.size() == 2 && corner.stream().allMatch(share -> share >= 0 && share <= 1),
          "a corner of zone %s must be [x, y] of 0 to 1, is %s".formatted(name, corner));
    }
    polygon = polygon.stream().map(List::copyOf).toList();
    regions = List.copyOf(regions);
    Checks.require(area(polygon) > 0, "zone %s must have an area".formatted(name));
  }

  /** Area in shares of the picture (shoelace formula). */
  private static double area(List<List<Double>> polygon) {
    double twice = 0;
    for (int i = 0; i < polygon.size(); i++) {
      List<Double> a = polygon.get(i);
      List<Double> b = polygon.get((i + 1) % polygon.size());
      twice += a.get(0) * b.get(1) - b.get(0) * a.get(1);
    }
    return Math.abs(twice) / 2;
  }
}
