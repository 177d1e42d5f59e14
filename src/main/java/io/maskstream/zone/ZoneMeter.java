package io.maskstream.zone;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Measures the zones of cameras in their masks. Used by all threads. */
public final class ZoneMeter {
  private final Function<String, List<Zone>> zones;

  /** Rasters of the masks' latest size, by camera and zone. */
  private final Map<String, ZoneRaster> rasters = new ConcurrentHashMap<>();

  /**
   * A meter.
   *
   * @param zones of a camera by its id; none is an empty list
   */
  public ZoneMeter(Function<String, List<Zone>> zones) {
    this.zones = zones;
  }

  /** Statistics of a camera's zones by name. */
  public Map<String, ZoneStats> measure(String camera, Mask mask, ClassTable table) {
    List<Zone> wanted = zones.apply(camera);
    if (wanted.isEmpty()) {
      return Map.of();
    }
    Map<String, ZoneStats> stats = new LinkedHashMap<>();
    for (Zone zone : wanted) {
      stats.put(zone.name(), raster(camera, zone, mask).measure(mask, table));
    }
    return stats;
  }

  private ZoneRaster raster(String camera, Zone zone, Mask mask) {
    return rasters.compute(
        camera + "/" + zone.name(),
        (key, known) ->
            known != null && known.fits(zone, mask)
                ? known
                : new ZoneRaster(zone, mask.width(), mask.height()));
  }

  /** A camera has gone. */
  public void forget(String camera) {
    rasters.keySet().removeIf(key -> key.startsWith(camera + "/"));
  }
}
