package io.maskstream.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.SegmentationClass;
import io.maskstream.zone.ZoneStats.ClassInZone;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ZoneMeterTest {
  private static final ClassTable TABLE =
      new ClassTable(
          "two",
          List.of(
              new SegmentationClass("road", 0, "flat"),
              new SegmentationClass("car", 1, "vehicle")));

  private final List<Zone> zones = new ArrayList<>();
  private final ZoneMeter meter = new ZoneMeter(id -> zones);

  private static Zone square(double from, double to, String... regions) {
    return new Zone(
        "square",
        List.of(List.of(from, from), List.of(to, from), List.of(to, to), List.of(from, to)),
        List.of(regions));
  }

  /** 20×10 pixels of road. */
  private static Mask road() {
    return new Mask(20, 10, new byte[200]);
  }

  private ClassInZone car(Mask mask) {
    return meter.measure("cam", mask, TABLE).get("square").classes().get("car");
  }

  @Test
  void measure_wholePicture_countsEveryPixelOnce() {
    zones.add(square(0, 1));
    ZoneStats stats = meter.measure("cam", road(), TABLE).get("square");
    assertThat(stats.pixels()).isEqualTo(200);
    assertThat(stats.classes().get("road")).isEqualTo(new ClassInZone(200, 1, 0, 0));
    assertThat(stats.classes().get("car")).isEqualTo(new ClassInZone(0, 0, 0, 0));
  }

  @Test
  void measure_triangle_hasHalfOfThePixels() {
    zones.add(
        new Zone(
            "square", List.of(List.of(0.0, 0.0), List.of(1.0, 0.0), List.of(0.0, 1.0)), List.of()));
    Mask mask = new Mask(400, 400, new byte[160_000]);
    assertThat(meter.measure("cam", mask, TABLE).get("square").pixels() / 160_000.0)
        .isCloseTo(0.5, within(0.01));
  }

  @Test
  void measure_regions_areConnectedAlsoAtCornersAndEndAtTheZone() {
    zones.add(square(0, 0.99, "car"));
    Mask mask = road();
    mask.labels()[0] = 1; // two pixels that touch at a corner
    mask.labels()[21] = 1;
    mask.labels()[9 * 20 + 19] = 1; // one more in the other corner
    ClassInZone car = car(mask);
    assertThat(car.pixels()).isEqualTo(3);
    assertThat(car.regions()).isEqualTo(2);
    assertThat(car.largest()).isCloseTo(2 / 200.0, within(1e-9));
    zones.set(0, square(0, 0.5, "car")); // changed while cameras run
    assertThat(car(mask).regions()).isEqualTo(1);
  }

  @Test
  void measure_resolutionChanges_zoneStaysWhereItIs() {
    zones.add(square(0.5, 1));
    Mask mask = road();
    for (int x = 10; x < 20; x++) {
      mask.labels()[9 * 20 + x] = 1;
    }
    assertThat(car(mask).share()).isCloseTo(1 / 5.0, within(1e-9));
    assertThat(car(mask.scaled(40, 20)).share()).isCloseTo(1 / 5.0, within(1e-9));
  }

  @Test
  void zone_outsideThePictureOrWithoutAnArea_isRefusedWithTheRule() {
    assertThatThrownBy(() -> square(0, 1.2))
        .hasMessage("a corner of zone square must be [x, y] of 0 to 1, is [1.2, 0.0]");
    assertThatThrownBy(
            () -> new Zone("z", List.of(List.of(0.0, 0.0), List.of(1.0, 1.0)), List.of()))
        .hasMessage("zone z must have 3 to 200 corners, has 2");
    assertThatThrownBy(() -> square(0.5, 0.5)).hasMessage("zone square must have an area");
  }
}
