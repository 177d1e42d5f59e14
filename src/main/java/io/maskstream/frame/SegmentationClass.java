package io.maskstream.frame;

import java.util.Objects;

/**
 * One class of a class table.
 *
 * @param name unique within the table
 * @param color for drawing, 0xRRGGBB
 * @param group what the class belongs to, such as {@code vehicle}
 */
public record SegmentationClass(String name, int color, String group) {
  public SegmentationClass {
    Objects.requireNonNull(name);
    Objects.requireNonNull(group);
    if (color < 0 || color > 0xFFFFFF) {
      throw new IllegalArgumentException(
          "color of class " + name + " must be 0x000000 to 0xFFFFFF, is " + color);
    }
  }
}
