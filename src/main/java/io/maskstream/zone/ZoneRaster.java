package io.maskstream.zone;

import static org.bytedeco.opencv.global.opencv_core.CV_32S;
import static org.bytedeco.opencv.global.opencv_core.CV_32SC2;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgproc.CC_STAT_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.connectedComponentsWithStats;
import static org.bytedeco.opencv.global.opencv_imgproc.fillPoly;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.indexer.IntIndexer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Scalar;

/** A zone's pixels in masks of one size. Unchanging; used by all threads. */
final class ZoneRaster {
  private static final int NEIGHBORS = 8;

  private final Zone zone;
  private final int width;
  private final int height;

  /** Bounds of the zone in the mask, the last column and row included. */
  private final int left;

  private final int top;
  private final int columns;
  private final int rows;

  /** 1 inside: rows·columns of the bounds. */
  private final byte[] inside;

  private final int pixels;

  ZoneRaster(Zone zone, int width, int height) {
    this.zone = zone;
    this.width = width;
    this.height = height;
    int[] xs = new int[zone.polygon().size()];
    int[] ys = new int[xs.length];
    for (int i = 0; i < xs.length; i++) {
      xs[i] = pixel(zone.polygon().get(i).get(0), width);
      ys[i] = pixel(zone.polygon().get(i).get(1), height);
    }
    this.left = Arrays.stream(xs).min().orElseThrow();
    this.top = Arrays.stream(ys).min().orElseThrow();
    this.columns = Arrays.stream(xs).max().orElseThrow() - left + 1;
    this.rows = Arrays.stream(ys).max().orElseThrow() - top + 1;
    this.inside = filled(xs, ys);
    int count = 0;
    for (byte value : inside) {
      count += value;
    }
    this.pixels = count;
  }

  private static int pixel(double share, int length) {
    return (int) Math.min(length - 1, Math.floor(share * length));
  }

  private byte[] filled(int[] xs, int[] ys) {
    byte[] result = new byte[rows * columns];
    try (Mat raster = new Mat(rows, columns, CV_8UC1, new Scalar(0));
        Point origin = new Point(0, 0);
        Mat polygon = new Mat(xs.length, 1, CV_32SC2);
        MatVector polygons = new MatVector(polygon);
        Scalar one = new Scalar(1);
        IntIndexer values = polygon.createIndexer()) {
      for (int i = 0; i < xs.length; i++) {
        values.put(i, 0, 0, xs[i] - left);
        values.put(i, 0, 1, ys[i] - top);
      }
      fillPoly(raster, polygons, one, LINE_8, 0, origin);
      raster.data().get(result);
    }
    return result;
  }

  boolean fits(Zone other, Mask mask) {
    return zone.equals(other) && mask.width() == width && mask.height() == height;
  }

  /** Counts a mask's classes inside. */
  ZoneStats measure(Mask mask, ClassTable table) {
    int[] counts = counts(mask, table.size());
    Map<String, ZoneStats.ClassInZone> classes = new LinkedHashMap<>();
    for (int k = 0; k < counts.length; k++) {
      boolean regional = counts[k] > 0 && zone.regions().contains(table.name(k));
      Regions regions = regional ? regions(mask, k) : Regions.NONE;
      classes.put(
          table.name(k),
          new ZoneStats.ClassInZone(
              counts[k],
              (double) counts[k] / pixels,
              regions.count,
              (double) regions.largest / pixels));
    }
    return new ZoneStats(pixels, classes);
  }

  private int[] counts(Mask mask, int classes) {
    int[] counts = new int[classes];
    byte[] labels = mask.labels();
    for (int y = 0; y < rows; y++) {
      int row = (top + y) * width + left;
      for (int x = 0; x < columns; x++) {
        int label = labels[row + x] & 0xFF;
        if (inside[y * columns + x] != 0 && label < classes) {
          counts[label]++;
        }
      }
    }
    return counts;
  }

  /** Connected regions of a class: how many, and pixels of the largest. */
  private record Regions(int count, int largest) {
    static final Regions NONE = new Regions(0, 0);
  }

  private Regions regions(Mask mask, int classId) {
    byte[] members = new byte[inside.length];
    for (int i = 0; i < members.length; i++) {
      int label = mask.at(left + i % columns, top + i / columns);
      members[i] = (byte) (inside[i] != 0 && label == classId ? 1 : 0);
    }
    try (BytePointer data = new BytePointer(members);
        Mat image = new Mat(rows, columns, CV_8UC1, data);
        Mat labels = new Mat();
        Mat stats = new Mat();
        Mat centers = new Mat()) {
      int found = connectedComponentsWithStats(image, labels, stats, centers, NEIGHBORS, CV_32S);
      int largest = 0;
      try (IntIndexer values = stats.createIndexer()) {
        for (int i = 1; i < found; i++) { // 0 is what is not the class
          largest = Math.max(largest, values.get(i, CC_STAT_AREA));
        }
      }
      return new Regions(found - 1, largest);
    }
  }
}
