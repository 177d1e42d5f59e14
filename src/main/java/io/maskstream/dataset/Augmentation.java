package io.maskstream.dataset;

import static org.bytedeco.opencv.global.opencv_core.BORDER_CONSTANT;
import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
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
 * Random views of a labelled picture: scale, turn, flip and crop, then a change of their look. What
 * lies outside the picture is mean grey and void.
 *
 * @param width of the views, pixels
 * @param height of the views, pixels
 * @param minScale smallest zoom
 * @param maxScale largest zoom
 * @param maxTurnDegrees largest turn
 * @param appearance how far the look changes
 */
public record Augmentation(
    int width,
    int height,
    double minScale,
    double maxScale,
    double maxTurnDegrees,
    Appearance appearance) {

  private static final int MEAN = 127;

  /** Views with the usual zooms: 288×216 of a 480×360 picture holds a ninth to all of it. */
  public static Augmentation sized(int width, int height, Appearance.Level level) {
    return new Augmentation(width, height, 0.6, 1.7, 6, level.appearance());
  }

  /**
   * Views for final epochs: nearly as the pictures are, changed weakly.
   *
   * @param before level of the epochs before: its faults of the sensor stay
   */
  public static Augmentation nearlyWhole(int width, int height, Appearance.Level before) {
    Appearance weak = Appearance.Level.WEAK.appearance();
    return new Augmentation(
        width, height, 1, 1.2, 1, weak.withFaultShare(before.appearance().faultShare()));
  }

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
      appearance.changeDetail(view, random);
      view.data().get(rgb);
      viewGroundTruth.data().get(ids);
    }
    appearance.recolor(rgb, width, random);
    return new LabeledPicture(new Picture(width, height, rgb), new Mask(width, height, ids));
  }

  /** Rows of the 2×3 map from the picture to the view. */
  private double[] placement(Picture picture, Random random) {
    double zoom = minScale * Math.pow(maxScale / minScale, random.nextDouble());
    double turn = Math.toRadians(maxTurnDegrees * (2 * random.nextDouble() - 1));
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
}
