package io.maskstream.frame;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The classes of a model; a class's id is its place in the list.
 *
 * @param id names the table in records, such as {@code camvid11}
 * @param classes 2 to 255 of them; {@link #VOID} is never a class
 */
public record ClassTable(String id, List<SegmentationClass> classes) {

  /** Label of a pixel whose class is unknown, in a table of 255 classes at most. */
  public static final int VOID = 255;

  public ClassTable {
    Objects.requireNonNull(id);
    classes = List.copyOf(classes);
    if (classes.size() < 2 || classes.size() > VOID) {
      throw new IllegalArgumentException(
          "class table " + id + " must have 2 to 255 classes, has " + classes.size());
    }
    Set<String> names = new HashSet<>();
    for (SegmentationClass each : classes) {
      if (!names.add(each.name())) {
        throw new IllegalArgumentException(
            "class table %s names a class twice: %s".formatted(id, each.name()));
      }
    }
  }

  public int size() {
    return classes.size();
  }

  /** Name of a class by its id. */
  public String name(int id) {
    return classes.get(id).name();
  }

  /** Names of the classes in their order. */
  public List<String> names() {
    return classes.stream().map(SegmentationClass::name).toList();
  }

  /** The 11 classes of CamVid in the customary order of the 480×360 edition (SegNet, 2015). */
  public static ClassTable camvid11() {
    return new ClassTable(
        "camvid11",
        List.of(
            new SegmentationClass("sky", 0x4682B4, "background"),
            new SegmentationClass("building", 0x80403F, "construction"),
            new SegmentationClass("pole", 0xC0C080, "object"),
            new SegmentationClass("road", 0x804080, "flat"),
            new SegmentationClass("pavement", 0xF423E8, "flat"),
            new SegmentationClass("tree", 0x6B8E23, "nature"),
            new SegmentationClass("sign", 0xDCDC00, "object"),
            new SegmentationClass("fence", 0xBE9999, "construction"),
            new SegmentationClass("car", 0x2060E0, "vehicle"),
            new SegmentationClass("pedestrian", 0xDC143C, "vulnerable road user"),
            new SegmentationClass("bicyclist", 0x00C8C8, "vulnerable road user")));
  }
}
