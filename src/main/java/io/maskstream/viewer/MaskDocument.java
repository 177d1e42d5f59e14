package io.maskstream.viewer;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.topic.CocoRle;
import io.maskstream.topic.v1.SegmentedFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A mask with COCO's annotations, as JSON.
 *
 * @param captureMicros capture time, microseconds since 1970
 * @param width pixels of the mask
 * @param height pixels of the mask
 * @param classTable id of the class table
 * @param annotations by ascending class id
 */
record MaskDocument<A>(
    String camera,
    long epoch,
    long sequence,
    long captureMicros,
    int width,
    int height,
    String classTable,
    List<A> annotations) {

  /** What stands for the name of a class that is not in the table. */
  private static final String VOID = "void";

  /**
   * Where a class is.
   *
   * @param categoryId class id
   * @param category name of the class
   * @param area pixels
   * @param bbox left, top, width, height in pixels
   */
  record ClassAnnotation(
      @JsonProperty("category_id") int categoryId,
      String category,
      Runs segmentation,
      int area,
      int[] bbox) {}

  /**
   * Compressed run lengths.
   *
   * @param size height and width
   */
  record Runs(int[] size, String counts) {}

  /**
   * A connected region of a class.
   *
   * @param categoryId class id
   * @param category name of the class
   * @param segmentation one polygon, x1 y1 x2 y2 …
   * @param holes polygons around what is cut out of it
   * @param area pixels, without the holes
   * @param bbox left, top, width, height in pixels
   */
  record RegionAnnotation(
      @JsonProperty("category_id") int categoryId,
      String category,
      List<int[]> segmentation,
      List<int[]> holes,
      int area,
      int[] bbox) {}

  static MaskDocument<ClassAnnotation> ofRuns(MaskedFrame frame) {
    Mask mask = frame.mask();
    int[] size = {mask.height(), mask.width()};
    List<ClassAnnotation> annotations = new ArrayList<>();
    for (CocoRle.ClassRuns runs : CocoRle.encode(mask)) {
      Extent extent = Extent.of(mask, runs.id());
      annotations.add(
          new ClassAnnotation(
              runs.id(),
              name(frame.table(), runs.id()),
              new Runs(size, new String(runs.counts(), StandardCharsets.US_ASCII)),
              extent.area,
              extent.box()));
    }
    return of(frame, annotations);
  }

  static MaskDocument<RegionAnnotation> ofPolygons(MaskedFrame frame) {
    List<RegionAnnotation> annotations = new ArrayList<>();
    for (int id : ids(frame.mask())) {
      for (MaskPolygons.Region region : MaskPolygons.of(frame.mask(), id)) {
        annotations.add(
            new RegionAnnotation(
                id,
                name(frame.table(), id),
                List.of(region.outline()),
                region.holes(),
                region.area(),
                region.box()));
      }
    }
    return of(frame, annotations);
  }

  private static <A> MaskDocument<A> of(MaskedFrame frame, List<A> annotations) {
    SegmentedFrame record = frame.record();
    return new MaskDocument<>(
        record.getCamera(),
        record.getEpoch(),
        record.getSequence(),
        record.getCaptureMicros(),
        frame.mask().width(),
        frame.mask().height(),
        frame.table().id(),
        annotations);
  }

  private static int[] ids(Mask mask) {
    boolean[] occurs = new boolean[ClassTable.VOID + 1];
    for (byte label : mask.labels()) {
      occurs[Byte.toUnsignedInt(label)] = true;
    }
    return IntStream.range(0, occurs.length).filter(id -> occurs[id]).toArray();
  }

  private static String name(ClassTable table, int id) {
    return id < table.size() ? table.name(id) : VOID;
  }

  /** Smallest rectangle around a class. */
  private static final class Extent {
    private int left = Integer.MAX_VALUE;
    private int top = Integer.MAX_VALUE;
    private int right = -1;
    private int bottom = -1;
    private int area;

    static Extent of(Mask mask, int id) {
      Extent extent = new Extent();
      for (int y = 0; y < mask.height(); y++) {
        for (int x = 0; x < mask.width(); x++) {
          if (mask.at(x, y) == id) {
            extent.add(x, y);
          }
        }
      }
      return extent;
    }

    private void add(int x, int y) {
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x);
      bottom = Math.max(bottom, y);
      area++;
    }

    int[] box() {
      return new int[] {left, top, right - left + 1, bottom - top + 1};
    }
  }
}
