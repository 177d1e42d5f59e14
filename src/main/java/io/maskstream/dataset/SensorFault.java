package io.maskstream.dataset;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2BGR;
import static org.bytedeco.opencv.global.opencv_imgproc.GaussianBlur;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * What poor light, a poor lens and a thin line do to a picture, in the order in which they do it:
 * darkness, blur, noise of the sensor, compression. All of it changes the look and moves nothing.
 *
 * @param gain of the light, 0 to 1; 1 leaves it
 * @param gamma exponent of the brightness; 1 leaves it
 * @param blur standard deviation of a Gaussian, pixels; 0 leaves the picture sharp
 * @param noise standard deviation, levels of 255; 0 for none
 * @param quality of JPEG, 1 to 100; 0 for no compression
 */
public record SensorFault(double gain, double gamma, double blur, double noise, int quality) {

  /** Nothing changes. */
  public static final SensorFault NONE = new SensorFault(1, 1, 0, 0, 0);

  private static final double MIN_GAIN = 0.35;
  private static final double MAX_GAMMA = 3;
  private static final double MAX_BLUR = 3;
  private static final double MAX_NOISE = 35;
  private static final int MIN_QUALITY = 6;
  private static final int MAX_QUALITY = 50;

  /** Each of the four by itself in half of the cases, mild ones more often than hard ones. */
  static SensorFault draw(Random random) {
    double dark = random.nextBoolean() ? hardness(random) : 0;
    double blur = random.nextBoolean() ? hardness(random) : 0;
    double noise = random.nextBoolean() ? hardness(random) : 0;
    boolean compressed = random.nextBoolean();
    int span = (int) Math.round((MAX_QUALITY - MIN_QUALITY) * hardness(random));
    return new SensorFault(
        1 - (1 - MIN_GAIN) * dark,
        1 + (MAX_GAMMA - 1) * dark,
        MAX_BLUR * blur,
        MAX_NOISE * noise,
        compressed ? MAX_QUALITY - span : 0);
  }

  private static double hardness(Random random) {
    double value = random.nextDouble();
    return value * value;
  }

  /**
   * Changes a picture in place.
   *
   * @param rgb height · width · 3 bytes
   */
  public void apply(byte[] rgb, int width, Random random) {
    if (gain != 1 || gamma != 1) {
      darken(rgb);
    }
    if (blur > 0) {
      blur(rgb, width);
    }
    if (noise > 0) {
      addNoise(rgb, random);
    }
    if (quality > 0) {
      compress(rgb, width);
    }
  }

  private void darken(byte[] rgb) {
    byte[] curve = new byte[256];
    for (int v = 0; v < curve.length; v++) {
      curve[v] = (byte) Math.round(255 * gain * Math.pow(v / 255.0, gamma));
    }
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = curve[rgb[i] & 0xFF];
    }
  }

  private void blur(byte[] rgb, int width) {
    try (BytePointer bytes = new BytePointer(rgb);
        Mat picture = new Mat(rgb.length / 3 / width, width, CV_8UC3, bytes);
        Size kernel = new Size(0, 0)) {
      GaussianBlur(picture, picture, kernel, blur);
      picture.data().get(rgb);
    }
  }

  private void addNoise(byte[] rgb, Random random) {
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = Appearance.clamp((rgb[i] & 0xFF) + noise * random.nextGaussian());
    }
  }

  private void compress(byte[] rgb, int width) {
    try (BytePointer bytes = new BytePointer(rgb);
        Mat picture = new Mat(rgb.length / 3 / width, width, CV_8UC3, bytes);
        Mat bgr = new Mat();
        BytePointer encoded = new BytePointer();
        IntPointer options = new IntPointer(IMWRITE_JPEG_QUALITY, quality)) {
      cvtColor(picture, bgr, COLOR_RGB2BGR);
      imencode(".jpg", bgr, encoded, options);
      try (Mat line = new Mat(encoded);
          Mat decoded = imdecode(line, IMREAD_COLOR)) {
        cvtColor(decoded, decoded, COLOR_BGR2RGB);
        decoded.data().get(rgb);
      }
    }
  }
}
