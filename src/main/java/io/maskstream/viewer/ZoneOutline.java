package io.maskstream.viewer;

import java.util.List;

/**
 * A zone as the page draws it.
 *
 * @param polygon corners as [x, y] in shares of width and height from the upper left
 * @param regions classes whose connected regions are counted
 */
public record ZoneOutline(String name, List<List<Double>> polygon, List<String> regions) {
  public ZoneOutline {
    polygon = polygon.stream().map(List::copyOf).toList();
    regions = regions == null ? List.of() : List.copyOf(regions); // may be left out
  }
}
