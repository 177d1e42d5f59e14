package io.maskstream.frame;

import java.awt.Color;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * One class of a class table.
 *
 * @param name unique within the table
 * @param color for drawing, 0xRRGGBB
 * @param group what the class belongs to, such as {@code vehicle}
 */
public record SegmentationClass(String name, int color, String group) {

  /** Turn of the hue from class to class; the golden ratio keeps neighbours apart. */
  private static final float HUE_STEP = 0.618034f;

  private static final float SATURATION = 0.65f;
  private static final float BRIGHTNESS = 0.9f;
  private static final int RGB = 0xFFFFFF;
  private static final Pattern HEX_COLOR = Pattern.compile("#[0-9A-Fa-f]{6}");

  public SegmentationClass {
    Objects.requireNonNull(name);
    Objects.requireNonNull(group);
    if (color < 0 || color > 0xFFFFFF) {
      throw new IllegalArgumentException(
          "color of class " + name + " must be 0x000000 to 0xFFFFFF, is " + color);
    }
  }

  /** Color as records, cards and pages write it: {@code #RRGGBB}. */
  public String hexColor() {
    return "#%06X".formatted(color);
  }

  /** A class by its color's hexadecimal form, {@code #RRGGBB}. */
  public static SegmentationClass ofHex(String name, String color, String group) {
    if (!HEX_COLOR.matcher(color).matches()) {
      throw new IllegalArgumentException(
          "color of class %s must be #RRGGBB, is '%s'".formatted(name, color));
    }
    return new SegmentationClass(name, Integer.parseInt(color.substring(1), 16), group);
  }

  /** A color for the n-th class of a table that names none: 0xRRGGBB. */
  public static int distinctColor(int index) {
    return Color.HSBtoRGB(index * HUE_STEP, SATURATION, BRIGHTNESS) & RGB;
  }
}
