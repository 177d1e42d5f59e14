package io.maskstream.dataset;

import static org.bytedeco.opencv.global.opencv_core.BORDER_CONSTANT;
import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.GaussianBlur;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_NEAREST;
import static org.bytedeco.opencv.global.opencv_imgproc.warpAffine;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Random views of a labelled picture: scale, turn, flip and crop, then light, colour, blur and
 * noise. What lies outside the picture is mean grey and void.
 *
 * @param width of the views, pixels
 * @param height of the views, pixels
 * @param minScale smallest zoom
 * @param maxScale largest zoom
 */
public record Augmentation(int width, int height, double minScale, double maxScale) {

  /**
   * Zooms of {@link #sized}: a 288×216 view of a 480×360 picture holds from a ninth to all of it.
   */
  private static final double MIN_SCALE = 0.6;

  private static final double MAX_SCALE = 1.7;

  /** Views of a size with the usual zooms. */
  public static Augmentation sized(int width, int height) {
    return new Augmentation(width, height, MIN_SCALE, MAX_SCALE);
  }

  private static final double MAX_TURN_DEGREES = 6;
  private static final double LIGHT = 0.4;
  private static final double CONTRAST = 0.4;
  private static final double SATURATION = 0.6;
  private static final double CAST = 0.1;
  private static final double GRAY_SHARE = 0.08;
  private static final double BLUR_SHARE = 0.2;
  private static final double NOISE_SHARE = 0.3;
  private static final int MEAN = 127;

  /** One view; the same random source gives the same view. */
  public LabeledPicture apply(LabeledPicture frame, Random random) {
    double[] map = placement(frame.picture(), random);
    byte[] rgb = new byte[3 * width * height];
    byte[] ids = new byte[width * height];
    try (Mat affine = affine(map);
        BytePointer colors = new BytePointer(frame.picture().rgb());
        BytePointer labels = new BytePointer(frame.groundTruth().labels());
        Mat picture = new Mat(frame.picture().height(), frame.picture().width(), CV_8UC3, colors);
        Mat groundTruth =
            new Mat(frame.groundTruth().height(), frame.groundTruth().width(), CV_8UC1, labels);
        Mat view = new Mat();
        Mat viewGroundTruth = new Mat();
        Size size = new Size(width, height);
        Scalar gray = new Scalar(MEAN, MEAN, MEAN, 0);
        Scalar unknown = new Scalar(ClassTable.VOID, 0, 0, 0)) {
      warpAffine(picture, view, affine, size, INTER_LINEAR, BORDER_CONSTANT, gray);
      warpAffine(
          groundTruth, viewGroundTruth, affine, size, INTER_NEAREST, BORDER_CONSTANT, unknown);
      if (random.nextDouble() < BLUR_SHARE) {
        blur(view, 0.4 + 1.1 * random.nextDouble());
      }
      view.data().get(rgb);
      viewGroundTruth.data().get(ids);
    }
    recolor(rgb, random);
    return new LabeledPicture(new Picture(width, height, rgb), new Mask(width, height, ids));
  }

  private static void blur(Mat view, double sigma) {
    try (Size kernel = new Size(0, 0)) {
      GaussianBlur(view, view, kernel, sigma);
    }
  }

  /** Rows of the 2×3 map from the picture to the view. */
  private double[] placement(Picture picture, Random random) {
    double zoom = minScale * Math.pow(maxScale / minScale, random.nextDouble());
    double turn = Math.toRadians(MAX_TURN_DEGREES * (2 * random.nextDouble() - 1));
    double flip = random.nextBoolean() ? -1 : 1;
    double freeX = Math.max(0, picture.width() - width / zoom);
    double freeY = Math.max(0, picture.height() - height / zoom);
    double x = picture.width() / 2.0 + freeX * (random.nextDouble() - 0.5);
    double y = picture.height() / 2.0 + freeY * (random.nextDouble() - 0.5);
    double cos = zoom * Math.cos(turn);
    double sin = zoom * Math.sin(turn);
    double a = flip * cos;
    double b = -flip * sin;
    return new double[] {
      a, b, width / 2.0 - a * x - b * y, sin, cos, height / 2.0 - sin * x - cos * y
    };
  }

  private static Mat affine(double[] rows) {
    Mat affine = new Mat(2, 3, CV_32F);
    try (FloatIndexer indexer = affine.createIndexer()) {
      for (int i = 0; i < rows.length; i++) {
        indexer.put(i / 3, i % 3, (float) rows[i]);
      }
    }
    return affine;
  }

  private static void recolor(byte[] rgb, Random random) {
    double light = 1 + LIGHT * (2 * random.nextDouble() - 1);
    double contrast = 1 + CONTRAST * (2 * random.nextDouble() - 1);
    double gamma = Math.exp(0.5 * (2 * random.nextDouble() - 1));
    double saturation =
        random.nextDouble() < GRAY_SHARE ? 0 : 1 + SATURATION * (2 * random.nextDouble() - 1);
    double[][] curves = new double[3][];
    for (int c = 0; c < 3; c++) {
      curves[c] = curve(light * (1 + CAST * (2 * random.nextDouble() - 1)), contrast, gamma);
    }
    int noise = random.nextDouble() < NOISE_SHARE ? 1 + random.nextInt(12) : 0;
    int state = random.nextInt() | 1;
    for (int i = 0; i < rgb.length; i += 3) {
      double r = curves[0][rgb[i] & 0xFF];
      double g = curves[1][rgb[i + 1] & 0xFF];
      double b = curves[2][rgb[i + 2] & 0xFF];
      double luma = 0.299 * r + 0.587 * g + 0.114 * b;
      state = state * 1664525 + 1013904223;
      int grain = noise == 0 ? 0 : (state >>> 16) % (2 * noise + 1) - noise;
      rgb[i] = clamp(luma + saturation * (r - luma) + grain);
      rgb[i + 1] = clamp(luma + saturation * (g - luma) + grain);
      rgb[i + 2] = clamp(luma + saturation * (b - luma) + grain);
    }
  }

  private static double[] curve(double light, double contrast, double gamma) {
    double[] curve = new double[256];
    for (int v = 0; v < curve.length; v++) {
      double lit = 255 * Math.pow(v / 255.0, gamma) * light;
      curve[v] = (lit - MEAN) * contrast + MEAN;
    }
    return curve;
  }

  private static byte clamp(double value) {
    return (byte) Math.max(0, Math.min(255, Math.round(value)));
  }
}
