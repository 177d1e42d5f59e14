package io.maskstream.app.option;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How far the frames of recorded clips lie apart. */
public final class RateOption {

  @Option(
      names = "--rate",
      defaultValue = "30",
      converter = RateConverter.class,
      description =
          "Frames per second that the numbers at the end of the files' names count; CamVid's "
              + "count 30. Default: ${DEFAULT-VALUE}.")
  private double rate;

  /** Numbers of file names per second. */
  public double perSecond() {
    return rate;
  }

  static final class RateConverter implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = parsed(text);
      if (!(value > 0 && Double.isFinite(value))) {
        throw new TypeConversionException("must be a number above 0, is '" + text + "'");
      }
      return value;
    }

    private static double parsed(String text) {
      try {
        return Double.parseDouble(text);
      } catch (NumberFormatException e) {
        return Double.NaN;
      }
    }
  }
}
