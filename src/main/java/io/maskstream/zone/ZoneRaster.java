package io.maskstream.zone;

import static org.bytedeco.opencv.global.opencv_core.CV_32S;
import static org.bytedeco.opencv.global.opencv_core.CV_32SC2;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.connectedComponents;
import static org.bytedeco.opencv.global.opencv_imgproc.fillPoly;

import io.maskstream.frame.Bounds;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
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
    int count = 0;
    for (byte value : outside) {
      count += value == 0 ? 1 : 0;
    }
    this.pixels = count;
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
    Counts counts = count(mask);
    Map<String, ZoneStats.ClassInZone> classes = new LinkedHashMap<>();
    for (int k = 0; k < table.size(); k++) {
      boolean regional = counts.pixels[k] > 0 && zone.regions().contains(table.name(k));
      Regions regions = regional ? regions(mask, k, counts.bounds[k]) : Regions.NONE;
      classes.put(
          table.name(k),
          new ZoneStats.ClassInZone(
              counts.pixels[k],
              (double) counts.pixels[k] / pixels,
              regions.count,
              (double) regions.largest / pixels));
    }
    return new ZoneStats(pixels, classes);
  }

  /** Pixels of each label, and where they are in the bounds. */
  private static final class Counts {
    final int[] pixels = new int[ClassTable.VOID + 1];
    final Bounds[] bounds = new Bounds[ClassTable.VOID + 1];

    Counts() {
      Arrays.fill(bounds, Bounds.NONE);
    }

    /** A run of one label in a row; its end is not in it. */
    void add(int label, int from, int to, int y) {
      pixels[label] += to - from;
      bounds[label] = bounds[label].joined(new Bounds(from, y, to, y + 1));
    }
  }

  private Counts count(Mask mask) {
    Counts counts = new Counts();
    for (int y = 0; y < rows; y++) {
      int zoneRow = y * columns;
      int to;
      for (int from = 0; from < columns; from = to) {
        to = Mask.runEnd(outside, zoneRow + from, zoneRow + columns) - zoneRow;
        if (outside[zoneRow + from] == 0) {
          count(mask, y, from, to, counts);
        }
      }
    }
    return counts;
  }

  /** Counts a part of a row that is inside. */
  private void count(Mask mask, int y, int first, int end, Counts counts) {
    byte[] labels = mask.labels();
    int row = (top + y) * width + left;
    int to;
    for (int from = first; from < end; from = to) {
      to = Mask.runEnd(labels, row + from, row + end) - row;
      counts.add(labels[row + from] & 0xFF, from, to, y);
    }
  }

  /** Connected regions of a class: how many, and pixels of the largest. */
  private record Regions(int count, int largest) {
    static final Regions NONE = new Regions(0, 0);
  }

  /** OpenCV's statistics of regions take ten times as long as the regions themselves. */
  private Regions regions(Mask mask, int label, Bounds bounds) {
    byte[] members = members(mask, label, bounds);
    int[] regions = new int[members.length];
    int found;
    try (BytePointer data = new BytePointer(members);
        Mat image = new Mat(bounds.height(), bounds.width(), CV_8UC1, data);
        Mat numbered = new Mat()) {
      found = connectedComponents(image, numbered, NEIGHBORS, CV_32S);
      try (IntPointer values = new IntPointer(numbered.data())) {
        values.get(regions);
      }
    }
    int[] sizes = new int[found];
    for (int region : regions) {
      sizes[region]++;
    }
    sizes[0] = 0; // what is not the class
    return new Regions(found - 1, Arrays.stream(sizes).max().orElseThrow());
  }

  /** 1 where the class is, in the bounds of all its pixels. */
  private byte[] members(Mask mask, int label, Bounds bounds) {
    byte[] members = new byte[bounds.width() * bounds.height()];
    int i = 0;
    for (int y = bounds.top(); y < bounds.bottom(); y++) {
      for (int x = bounds.left(); x < bounds.right(); x++) {
        int at = mask.labels()[(top + y) * width + left + x] | outside[y * columns + x];
        members[i++] = (byte) ((at & 0xFF) == label ? 1 : 0);
      }
    }
    return members;
  }
}
