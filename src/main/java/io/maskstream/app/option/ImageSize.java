package io.maskstream.app.option;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Width and height in pixels, written 480x360. */
public record ImageSize(int width, int height) {

  /** Reads the written form. */
  public static final class Converter implements ITypeConverter<ImageSize> {
    @Override
    public ImageSize convert(String text) {
      if (!text.matches("[1-9][0-9]{0,4}x[1-9][0-9]{0,4}")) {
        throw new TypeConversionException(
            "a size is written WIDTHxHEIGHT, such as 480x360, not '" + text + "'");
      }
      String[] sides = text.split("x");
      return new ImageSize(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
    }
  }
}
