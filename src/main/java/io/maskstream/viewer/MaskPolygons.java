package io.maskstream.viewer;

import static org.bytedeco.opencv.global.opencv_core.CV_32S;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgproc.CC_STAT_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.CC_STAT_HEIGHT;
import static org.bytedeco.opencv.global.opencv_imgproc.CC_STAT_LEFT;
import static org.bytedeco.opencv.global.opencv_imgproc.CC_STAT_TOP;
import static org.bytedeco.opencv.global.opencv_imgproc.CC_STAT_WIDTH;
import static org.bytedeco.opencv.global.opencv_imgproc.CHAIN_APPROX_SIMPLE;
import static org.bytedeco.opencv.global.opencv_imgproc.RETR_CCOMP;
import static org.bytedeco.opencv.global.opencv_imgproc.connectedComponentsWithStats;
import static org.bytedeco.opencv.global.opencv_imgproc.findContours;

import io.maskstream.frame.Mask;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;

/**
 * Connected regions (8 neighbors) of a class as polygons, by OpenCV's {@code findContours}.
 *
 * <p>Vertices are the centres of the region's outermost pixels, at whole numbers; those of a hole
 * are the centres of the region's pixels around it. OpenCV's {@code fillPoly} of outline and holes
 * together gives the region back.
 */
final class MaskPolygons {
  private static final int NEIGHBORS = 8;

  /** Of a contour's entry in the hierarchy: next, previous, first child, parent. */
  private static final int LINKS = 4;

  private static final int NEXT = 0;
  private static final int FIRST_CHILD = 2;
  private static final int PARENT = 3;

  /** COCO's tools take no polygon with fewer. */
  private static final int LEAST_POINTS = 3;

  /**
   * A region.
   *
   * @param outline x1 y1 x2 y2 …, three points at least: those of a pixel or a line come again
   * @param area pixels, without the holes
   * @param box left, top, width, height in pixels
   */
  record Region(int[] outline, List<int[]> holes, int area, int[] box) {}

  private MaskPolygons() {}

  /** Regions of a class. */
  static List<Region> of(Mask mask, int id) {
    byte[] inside = new byte[mask.labels().length];
    for (int i = 0; i < inside.length; i++) {
      inside[i] = (byte) (Byte.toUnsignedInt(mask.labels()[i]) == id ? 1 : 0);
    }
    try (BytePointer pixels = new BytePointer(inside);
        Mat binary = new Mat(mask.height(), mask.width(), CV_8UC1, pixels);
        Mat labels = new Mat();
        Mat stats = new Mat();
        Mat centroids = new Mat();
        MatVector contours = new MatVector();
        Mat hierarchy = new Mat()) {
      connectedComponentsWithStats(binary, labels, stats, centroids, NEIGHBORS, CV_32S);
      findContours(binary, contours, hierarchy, RETR_CCOMP, CHAIN_APPROX_SIMPLE);
      return regions(contours, hierarchy, new Components(labels, stats));
    }
  }

  private static List<Region> regions(MatVector contours, Mat hierarchy, Components components) {
    List<Region> regions = new ArrayList<>();
    if (contours.size() == 0) {
      return regions;
    }
    IntBuffer links = hierarchy.createBuffer();
    for (int i = 0; i < contours.size(); i++) {
      if (links.get(LINKS * i + PARENT) < 0) {
        int[] outline = points(contours, i);
        List<int[]> holes = new ArrayList<>();
        for (int h = links.get(LINKS * i + FIRST_CHILD); h >= 0; h = links.get(LINKS * h + NEXT)) {
          holes.add(points(contours, h));
        }
        regions.add(components.region(outline, holes));
      }
    }
    return regions;
  }

  private static int[] points(MatVector contours, long index) {
    IntBuffer found = contours.get(index).createBuffer();
    int[] points = new int[Math.max(found.remaining(), 2 * LEAST_POINTS)];
    for (int i = 0; i < points.length; i++) {
      points[i] = found.get(i % found.remaining());
    }
    return points;
  }

  /** OpenCV's numbers of the regions and their figures. */
  private record Components(IntBuffer numbers, int width, IntBuffer stats, int columns) {
    Components(Mat labels, Mat stats) {
      this(labels.createBuffer(), labels.cols(), stats.createBuffer(), stats.cols());
    }

    Region region(int[] outline, List<int[]> holes) {
      int row = numbers.get(outline[1] * width + outline[0]) * columns;
      int[] box = {
        stats.get(row + CC_STAT_LEFT),
        stats.get(row + CC_STAT_TOP),
        stats.get(row + CC_STAT_WIDTH),
        stats.get(row + CC_STAT_HEIGHT)
      };
      return new Region(outline, holes, stats.get(row + CC_STAT_AREA), box);
    }
  }
}
