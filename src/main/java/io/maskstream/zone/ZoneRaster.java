package io.maskstream.zone;

import static org.bytedeco.opencv.global.opencv_core.CV_32S;
import static org.bytedeco.opencv.global.opencv_core.CV_32SC2;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.boundingRect;
import static org.bytedeco.opencv.global.opencv_imgproc.connectedComponents;
import static org.bytedeco.opencv.global.opencv_imgproc.fillPoly;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.indexer.IntIndexer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatExpr;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Rect;
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

  /** 0 inside the polygon, {@link ClassTable#VOID} outside: rows·columns of the bounds. */
  private final byte[] outside;

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
    this.outside = outside(xs, ys);
    this.pixels = histogram(outside)[0];
  }

  private static int pixel(double share, int length) {
    return (int) Math.min(length - 1, Math.floor(share * length));
  }

  private byte[] outside(int[] xs, int[] ys) {
    byte[] result = new byte[rows * columns];
    try (Scalar out = new Scalar(ClassTable.VOID);
        Mat raster = new Mat(rows, columns, CV_8UC1, out);
        Point origin = new Point(0, 0);
        Mat polygon = new Mat(xs.length, 1, CV_32SC2);
        MatVector polygons = new MatVector(polygon);
        Scalar in = new Scalar(0);
        IntIndexer values = polygon.createIndexer()) {
      for (int i = 0; i < xs.length; i++) {
        values.put(i, 0, 0, xs[i] - left);
        values.put(i, 0, 1, ys[i] - top);
      }
      fillPoly(raster, polygons, in, LINE_8, 0, origin);
      raster.data().get(result);
    }
    return result;
  }

  boolean fits(Zone other, Mask mask) {
    return zone.equals(other) && mask.width() == width && mask.height() == height;
  }

  /** Counts a mask's classes inside. */
  ZoneStats measure(Mask mask, ClassTable table) {
    byte[] labels = labels(mask);
    int[] counts = histogram(labels);
    Map<String, ZoneStats.ClassInZone> classes = new LinkedHashMap<>();
    try (BytePointer data = new BytePointer(labels);
        Mat image = new Mat(rows, columns, CV_8UC1, data)) {
      for (int k = 0; k < table.size(); k++) {
        boolean regional = counts[k] > 0 && zone.regions().contains(table.name(k));
        Regions regions = regional ? regions(image, k) : Regions.NONE;
        classes.put(
            table.name(k),
            new ZoneStats.ClassInZone(
                counts[k],
                (double) counts[k] / pixels,
                regions.count,
                (double) regions.largest / pixels));
      }
    }
    return new ZoneStats(pixels, classes);
  }

  /** Labels of the bounds, void outside the polygon. */
  private byte[] labels(Mask mask) {
    byte[] all = mask.labels();
    byte[] labels = new byte[outside.length];
    for (int y = 0; y < rows; y++) {
      int from = (top + y) * width + left;
      int to = y * columns;
      for (int x = 0; x < columns; x++) {
        labels[to + x] = (byte) (all[from + x] | outside[to + x]);
      }
    }
    return labels;
  }

  /** By runs of one value, which are long in masks. */
  private static int[] histogram(byte[] values) {
    int[] counts = new int[ClassTable.VOID + 1];
    int from = 0;
    while (from < values.length) {
      int to = from + 1;
      while (to < values.length && values[to] == values[from]) {
        to++;
      }
      counts[values[from] & 0xFF] += to - from;
      from = to;
    }
    return counts;
  }

  /** Connected regions of a class: how many, and pixels of the largest. */
  private record Regions(int count, int largest) {
    static final Regions NONE = new Regions(0, 0);
  }

  /** OpenCV's statistics of regions take ten times as long as the regions themselves. */
  private static Regions regions(Mat image, int classId) {
    try (MatExpr equal = opencv_core.equals(image, classId);
        Mat members = equal.asMat();
        Rect box = boundingRect(members);
        Mat part = new Mat(members, box);
        Mat regions = new Mat()) {
      int found = connectedComponents(part, regions, NEIGHBORS, CV_32S);
      int[] sizes = new int[found];
      int[] row = new int[regions.cols()];
      for (int y = 0; y < regions.rows(); y++) {
        try (IntPointer values = new IntPointer(regions.ptr(y))) {
          values.get(row);
        }
        for (int region : row) {
          sizes[region]++;
        }
      }
      sizes[0] = 0; // what is not the class
      return new Regions(found - 1, Arrays.stream(sizes).max().orElseThrow());
    }
  }
}
