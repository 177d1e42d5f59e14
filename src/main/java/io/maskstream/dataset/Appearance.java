package io.maskstream.dataset;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_imgproc.GaussianBlur;
import static org.bytedeco.opencv.global.opencv_imgproc.filter2D;

import io.maskstream.config.Labels;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * How far training changes the look of a view, not its content: light, color and detail. A network
 * that has seen one camera on one day takes its colors and its texture for those of the classes;
 * {@link Level#STRONG} is for footage of other cameras.
 *
 * @param light brightness and its distribution over the view
 * @param color balance and strength of the colors
 * @param detail sharpness, texture and noise
 * @param faultShare share of the views that get a {@link SensorFault}
 */
public record Appearance(Light light, Color color, Detail detail, double faultShare) {

  /** The changes by name. */
  public enum Level {
    /** For final epochs, on views that look like what will be served. */
    WEAK,
    USUAL,
    STRONG;

    public Appearance appearance() {
      return switch (this) {
        case WEAK ->
            new Appearance(
                new Light(0.15, 0.15, 0.15, 0, 0),
                new Color(0.03, 0.2, 0, 0),
                new Detail(0.05, 0, 0.1),
                0);
        case USUAL ->
            new Appearance(
                new Light(0.4, 0.4, 0.5, 0, 0),
                new Color(0.1, 0.6, 0, 0.08),
                new Detail(0.2, 0, 0.3),
                0);
        case STRONG ->
            new Appearance(
                new Light(0.5, 0.5, 0.7, 0.5, 0.3),
                new Color(0.25, 0.8, 20, 0.12),
                new Detail(0.3, 0.25, 0.4),
                0.4);
      };
    }

    public String label() {
      return Labels.of(this);
    }

    public static Level of(String label) {
      return Labels.parse(Level.class, "appearance", label);
    }
  }

  /**
   * Brightness. A range r stands for a factor of 1 - r to 1 + r.
   *
   * @param gain range of the brightness
   * @param contrast range of the distance from mean gray
   * @param gamma largest natural logarithm of the exponent
   * @param shade largest natural logarithm of the gain at one of nine points of the view, between
   *     which the gain is interpolated: shadows and bright sides
   * @param haze largest share of white
   */
  public record Light(double gain, double contrast, double gamma, double shade, double haze) {}

  /**
   * Color.
   *
   * @param cast range of the brightness of each channel by itself
   * @param saturation range of the distance from gray
   * @param hueDegrees largest turn of the hue
   * @param grayShare share of the views that lose their color
   */
  public record Color(double cast, double saturation, double hueDegrees, double grayShare) {}

  /**
   * Detail.
   *
   * @param blurShare share of the views that are blurred
   * @param textureShare share of the views that a random 3×3 filter of sum 1 changes: random
   *     convolution (Xu et al., ICLR 2021) near the identity
   * @param noiseShare share of the views that get noise
   */
  public record Detail(double blurShare, double textureShare, double noiseShare) {}

  private static final int MEAN = 127;
  private static final int WHITE = 235;
  private static final int MAX_GRAIN = 12;

  /** Deviation of the numbers that are added to the identity in a random filter. */
  private static final double FILTER_DEVIATION = 0.15;

  /** Points of the shade along each axis. */
  private static final int SHADE_POINTS = 3;

  /** Shares of the channels in the brightness (ITU-R BT.601). */
  private static final double[] LUMA = {0.299, 0.587, 0.114};

  /** The same with faults of the sensor in another share of the views. */
  Appearance withFaultShare(double share) {
    return new Appearance(light, color, detail, share);
  }

  /** Blurs or filters a view of 8 bits a channel, in place. */
  void changeDetail(Mat view, Random random) {
    if (random.nextDouble() < detail.textureShare) {
      filter(view, random);
    }
    if (random.nextDouble() < detail.blurShare) {
      try (Size kernel = new Size(0, 0)) {
        GaussianBlur(view, view, kernel, 0.4 + 1.1 * random.nextDouble());
      }
    }
  }

  private static void filter(Mat view, Random random) {
    double[] change = new double[9];
    for (int i = 0; i < change.length; i++) {
      change[i] = FILTER_DEVIATION * random.nextGaussian();
    }
    double mean = Arrays.stream(change).average().orElse(0);
    try (Mat kernel = new Mat(3, 3, CV_32F);
        FloatIndexer indexer = kernel.createIndexer()) {
      for (int i = 0; i < change.length; i++) {
        indexer.put(i / 3, i % 3, (float) (change[i] - mean + (i == 4 ? 1 : 0)));
      }
      filter2D(view, view, -1, kernel);
    }
  }

  /**
   * Changes light and color, adds noise and what poor cameras do, in place.
   *
   * @param rgb height · width · 3 bytes
   */
  void recolor(byte[] rgb, int width, Random random) {
    double[][] curves = curves(random);
    double[] matrix = matrix(random);
    Shade shade = Shade.draw(light.shade, width, rgb.length / 3 / width, random);
    int noise = random.nextDouble() < detail.noiseShare ? 1 + random.nextInt(MAX_GRAIN) : 0;
    int state = random.nextInt() | 1;
    for (int i = 0; i < rgb.length; i += 3) {
      double gain = shade.at(i / 3);
      double r = gain * curves[0][rgb[i] & 0xFF];
      double g = gain * curves[1][rgb[i + 1] & 0xFF];
      double b = gain * curves[2][rgb[i + 2] & 0xFF];
      state = state * 1664525 + 1013904223;
      int grain = noise == 0 ? 0 : (state >>> 16) % (2 * noise + 1) - noise;
      for (int c = 0; c < 3; c++) {
        rgb[i + c] =
            clamp(matrix[3 * c] * r + matrix[3 * c + 1] * g + matrix[3 * c + 2] * b + grain);
      }
    }
    if (faultShare > 0 && random.nextDouble() < faultShare) {
      SensorFault.draw(random).apply(rgb, width, random);
    }
  }

  /** Value of each channel, 256 each, by gain, contrast, gamma, cast and haze. */
  private double[][] curves(Random random) {
    double gain = 1 + around(light.gain, random);
    double contrast = 1 + around(light.contrast, random);
    double gamma = Math.exp(around(light.gamma, random));
    double white = light.haze * random.nextDouble();
    double[][] curves = new double[3][256];
    for (double[] curve : curves) {
      double own = gain * (1 + around(color.cast, random));
      for (int v = 0; v < curve.length; v++) {
        double lit = 255 * Math.pow(v / 255.0, gamma) * own;
        curve[v] = (1 - white) * ((lit - MEAN) * contrast + MEAN) + white * WHITE;
      }
    }
    return curves;
  }

  /** Turn of the hue about the gray axis, then saturation: 3×3, row by row. */
  private double[] matrix(Random random) {
    double saturation =
        random.nextDouble() < color.grayShare ? 0 : 1 + around(color.saturation, random);
    double turn = Math.toRadians(around(color.hueDegrees, random));
    double cos = Math.cos(turn);
    double third = (1 - cos) / 3;
    double side = Math.sin(turn) / Math.sqrt(3);
    double[] rotation = { // Rodrigues' formula for the axis (1, 1, 1) / √3
      cos + third,
      third - side,
      third + side,
      third + side,
      cos + third,
      third - side,
      third - side,
      third + side,
      cos + third
    };
    double[] matrix = new double[9];
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = saturation * rotation[i] + (1 - saturation) * LUMA[i % 3];
    }
    return matrix;
  }

  /** Uniform from -range to range. */
  private static double around(double range, Random random) {
    return range * (2 * random.nextDouble() - 1);
  }

  /** The nearest level of 8 bits. */
  static byte clamp(double value) {
    return (byte) Math.max(0, Math.min(255, Math.round(value)));
  }

  /** Gains at points of a grid, interpolated in between. */
  private record Shade(double[] gains, int width, int height) {
    static Shade draw(double range, int width, int height, Random random) {
      double[] gains = new double[range == 0 ? 0 : SHADE_POINTS * SHADE_POINTS];
      for (int i = 0; i < gains.length; i++) {
        gains[i] = Math.exp(around(range, random));
      }
      return new Shade(gains, width, height);
    }

    double at(int pixel) {
      if (gains.length == 0) {
        return 1;
      }
      double x = (double) (SHADE_POINTS - 1) * (pixel % width) / width;
      int line = pixel / width;
      double y = (double) (SHADE_POINTS - 1) * line / height;
      int column = (int) x;
      int row = (int) y;
      int corner = row * SHADE_POINTS + column;
      double right = x - column;
      double down = y - row;
      double above = (1 - right) * gains[corner] + right * gains[corner + 1];
      int next = corner + SHADE_POINTS;
      return (1 - down) * above + down * ((1 - right) * gains[next] + right * gains[next + 1]);
    }
  }
}
