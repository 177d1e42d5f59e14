package io.maskstream.health;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.GaussianBlur;

import io.maskstream.frame.Picture;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/** Made faults of pictures. */
final class Faults {
  private static final Random RANDOM = new Random(5);

  private Faults() {}

  /** Brightness times a factor, then cut to what a byte holds. */
  static Picture exposed(Picture picture, double factor) {
    return mapped(picture, value -> (int) (value * factor));
  }

  /** Noise of a sensor: no two pictures are equal. */
  static Picture noisy(Picture picture) {
    return mapped(picture, value -> value + RANDOM.nextInt(5) - 2);
  }

  private static Picture mapped(Picture picture, IntUnaryOperator function) {
    byte[] rgb = new byte[picture.rgb().length];
    for (int i = 0; i < rgb.length; i++) {
      int value = function.applyAsInt(picture.rgb()[i] & 0xFF);
      rgb[i] = (byte) Math.max(0, Math.min(255, value));
    }
    return new Picture(picture.width(), picture.height(), rgb);
  }

  /** The lens out of focus: a Gaussian blur, deviation in pixels. */
  static Picture blurred(Picture picture, double deviation) {
    byte[] rgb = new byte[picture.rgb().length];
    try (BytePointer pixels = new BytePointer(picture.rgb());
        Mat from = new Mat(picture.height(), picture.width(), CV_8UC3, pixels);
        Mat to = new Mat();
        Size size = new Size(0, 0)) {
      GaussianBlur(from, to, size, deviation);
      to.data().get(rgb);
    }
    return new Picture(picture.width(), picture.height(), rgb);
  }

  /**
   * A gray sheet before this share of the picture, from the left, somewhat brighter to the right.
   */
  static Picture covered(Picture picture, double share) {
    byte[] rgb = picture.rgb().clone();
    for (int i = 0; i < rgb.length; i++) {
      int x = i / 3 % picture.width();
      if (x < share * picture.width()) {
        rgb[i] = (byte) (90 + 20 * x / picture.width());
      }
    }
    return new Picture(picture.width(), picture.height(), rgb);
  }

  /** The camera turned to the right by this share of the picture; what comes in is mirrored. */
  static Picture turned(Picture picture, double share) {
    int width = picture.width();
    byte[] rgb = new byte[picture.rgb().length];
    for (int p = 0; p < rgb.length / 3; p++) {
      int x = p % width + (int) (share * width);
      int from = p - p % width + (x < width ? x : 2 * width - 1 - x);
      System.arraycopy(picture.rgb(), 3 * from, rgb, 3 * p, 3);
    }
    return new Picture(width, picture.height(), rgb);
  }
}
