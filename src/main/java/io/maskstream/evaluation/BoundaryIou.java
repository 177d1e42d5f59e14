package io.maskstream.evaluation;

import static org.bytedeco.opencv.global.opencv_core.BORDER_CONSTANT;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgproc.MORPH_RECT;
import static org.bytedeco.opencv.global.opencv_imgproc.erode;
import static org.bytedeco.opencv.global.opencv_imgproc.getStructuringElement;

import io.maskstream.frame.Mask;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Boundary IoU (Cheng et al., CVPR 2021): intersection over union of the pixels of true and
 * predicted class masks that lie within d pixels of their own contour, so that large regions do not
 * hide ragged edges. d is 0.5 % of the diagonal, the authors' value for street scenes. Pixels
 * without a true class count nowhere.
 */
public final class BoundaryIou {
  private static final double SHARE_OF_DIAGONAL = 0.005;

  private final int classes;
  private final long[] intersections;
  private final long[] unions;

  public BoundaryIou(int classes) {
    this.classes = classes;
    this.intersections = new long[classes];
    this.unions = new long[classes];
  }

  /** Adds a frame. */
  public void add(Mask groundTruth, Mask predicted) {
    double diagonal = Math.hypot(groundTruth.width(), groundTruth.height());
    int distance = (int) Math.max(1, Math.round(SHARE_OF_DIAGONAL * diagonal));
    byte[] labels = groundTruth.labels();
    for (int k = 0; k < classes; k++) {
      byte[] expected = boundary(groundTruth, k, distance);
      byte[] actual = boundary(predicted, k, distance);
      for (int i = 0; i < labels.length; i++) {
        if ((labels[i] & 0xFF) < classes) {
          boolean both = expected[i] != 0 && actual[i] != 0;
          boolean either = expected[i] != 0 || actual[i] != 0;
          intersections[k] += both ? 1 : 0;
          unions[k] += either ? 1 : 0;
        }
      }
    }
  }

  /** 1 where a class's mask lies within a distance of its contour. */
  private static byte[] boundary(Mask mask, int classId, int distance) {
    byte[] inside = new byte[mask.labels().length];
    boolean any = false;
    for (int i = 0; i < inside.length; i++) {
      inside[i] = (byte) ((mask.labels()[i] & 0xFF) == classId ? 1 : 0);
      any |= inside[i] != 0;
    }
    if (!any) {
      return inside;
    }
    byte[] core = new byte[inside.length];
    try (BytePointer data = new BytePointer(inside);
        Mat region = new Mat(mask.height(), mask.width(), CV_8UC1, data);
        Mat eroded = new Mat();
        Size side = new Size(3, 3);
        Mat kernel = getStructuringElement(MORPH_RECT, side);
        Point centre = new Point(-1, -1);
        Scalar outside = new Scalar(0, 0, 0, 0)) {
      erode(region, eroded, kernel, centre, distance, BORDER_CONSTANT, outside);
      eroded.data().get(core);
    }
    for (int i = 0; i < inside.length; i++) {
      inside[i] -= core[i];
    }
    return inside;
  }

  /** Boundary IoU of a class, 0 to 1; NaN where it is neither true nor predicted. */
  public double iou(int classId) {
    return (double) intersections[classId] / unions[classId];
  }

  /** Mean over the classes that occur, 0 to 1. */
  public double mean() {
    double sum = 0;
    int present = 0;
    for (int k = 0; k < classes; k++) {
      if (unions[k] > 0) {
        sum += iou(k);
        present++;
      }
    }
    return sum / present;
  }
}
