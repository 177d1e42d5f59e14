package io.maskstream.redaction;

import static org.bytedeco.opencv.global.opencv_core.CV_64FC4;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.countNonZero;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_NEAREST;
import static org.bytedeco.opencv.global.opencv_imgproc.MORPH_RECT;
import static org.bytedeco.opencv.global.opencv_imgproc.dilate;
import static org.bytedeco.opencv.global.opencv_imgproc.getStructuringElement;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import io.maskstream.frame.Bounds;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Takes classes out of the pictures of cameras: the union of the last frames' masks, grown. Fails
 * closed: there is no picture until so many masks of the camera are there, nor from a model that
 * lacks one of the classes. Used by all threads; the frames of one camera come one after the other.
 */
public final class Redactor {
  private static final int GRAY = 128;

  /** Blocks along the longer side of a pixelated picture. */
  private static final int BLOCKS = 32;

  private static final byte HIDDEN = (byte) 255;

  private final RedactionConfig config;
  private final Map<String, History> histories = new ConcurrentHashMap<>();

  /** What the last masks of a camera hide; all masks of one size. */
  private record History(int width, int height, Deque<Part> masks) {}

  /**
   * The part of a mask with all pixels to hide.
   *
   * @param pixels row by row, {@link #HIDDEN} or 0
   */
  private record Part(Bounds bounds, byte[] pixels) {}

  public Redactor(RedactionConfig config) {
    this.config = config;
  }

  public RedactionConfig config() {
    return config;
  }

  /** Classes of the configuration that a model does not have. */
  public static List<String> unknown(RedactionConfig config, ClassTable table) {
    return config.classes().stream().filter(name -> !table.names().contains(name)).toList();
  }

  /**
   * Redacts a frame.
   *
   * @param picture 8 bits, three channels in any order; it is changed
   * @param mask of the same shape as the picture, of any size
   * @return pixels of the picture that were taken out; empty where too little is known to show
   *     anything
   */
  public OptionalInt redact(String camera, Mat picture, Mask mask, ClassTable table) {
    if (!unknown(config, table).isEmpty()) {
      histories.remove(camera);
      return OptionalInt.empty();
    }
    Deque<Part> masks = remember(camera, mask, table);
    return masks.size() < config.frames()
        ? OptionalInt.empty()
        : OptionalInt.of(redact(picture, mask, masks));
  }

  private Deque<Part> remember(String camera, Mask mask, ClassTable table) {
    History known = histories.get(camera);
    if (known == null || known.width() != mask.width() || known.height() != mask.height()) {
      known = new History(mask.width(), mask.height(), new ArrayDeque<>());
      histories.put(camera, known);
    }
    known.masks().addLast(part(mask, table));
    if (known.masks().size() > config.frames()) {
      known.masks().removeFirst();
    }
    return known.masks();
  }

  /** The pixels with one of the classes. */
  private Part part(Mask mask, ClassTable table) {
    byte[] wanted = new byte[ClassTable.VOID + 1];
    for (int k = 0; k < table.size(); k++) {
      wanted[k] = config.classes().contains(table.name(k)) ? HIDDEN : 0;
    }
    Bounds bounds = bounds(mask, wanted);
    byte[] pixels = new byte[bounds.width() * bounds.height()];
    int i = 0;
    for (int y = bounds.top(); y < bounds.bottom(); y++) {
      for (int x = bounds.left(); x < bounds.right(); x++) {
        pixels[i++] = wanted[mask.labels()[y * mask.width() + x] & 0xFF];
      }
    }
    return new Part(bounds, pixels);
  }

  private static Bounds bounds(Mask mask, byte[] wanted) {
    byte[] labels = mask.labels();
    Bounds bounds = Bounds.NONE;
    for (int y = 0; y < mask.height(); y++) {
      int row = y * mask.width();
      int to;
      for (int from = row; from < row + mask.width(); from = to) {
        to = Mask.runEnd(labels, from, row + mask.width());
        if (wanted[labels[from] & 0xFF] == HIDDEN) {
          bounds = bounds.joined(new Bounds(from - row, y, to - row, y + 1));
        }
      }
    }
    return bounds;
  }

  private int redact(Mat picture, Mask mask, Deque<Part> masks) {
    Bounds all = masks.stream().map(Part::bounds).reduce(Bounds.NONE, Bounds::joined);
    if (all.empty()) {
      return 0;
    }
    Span across = span(all.left(), all.right(), mask.width(), picture.cols());
    Span down = span(all.top(), all.bottom(), mask.height(), picture.rows());
    return hide(picture, union(masks, across, down), across, down);
  }

  /** The columns or rows of a mask that matter, and the picture's that show just these. */
  private record Span(int from, int length, int shownFrom, int shown) {}

  /** Both sides begin and end at a common border of pixels, so that scaling a part is exact. */
  private Span span(int first, int end, int maskLength, int pictureLength) {
    int units = BigInteger.valueOf(maskLength).gcd(BigInteger.valueOf(pictureLength)).intValue();
    int inMask = maskLength / units;
    int inPicture = pictureLength / units;
    int margin = (config.growPixels() + inPicture - 1) / inPicture;
    int from = Math.max(0, first / inMask - margin);
    int to = Math.min(units, (end - 1) / inMask + 1 + margin);
    return new Span(from * inMask, (to - from) * inMask, from * inPicture, (to - from) * inPicture);
  }

  private static byte[] union(Deque<Part> masks, Span across, Span down) {
    byte[] all = new byte[across.length * down.length];
    for (Part mask : masks) {
      Bounds bounds = mask.bounds;
      for (int y = bounds.top(); y < bounds.bottom(); y++) {
        int from = (y - bounds.top()) * bounds.width();
        int to = (y - down.from) * across.length + bounds.left() - across.from;
        for (int x = 0; x < bounds.width(); x++) {
          all[to + x] |= mask.pixels[from + x];
        }
      }
    }
    return all;
  }

  /** Hides a part of the picture and its surroundings; returns the number of these pixels. */
  private int hide(Mat picture, byte[] part, Span across, Span down) {
    int side = 2 * config.growPixels() + 1;
    try (BytePointer pixels = new BytePointer(part);
        Mat mask = new Mat(down.length, across.length, CV_8UC1, pixels);
        Mat scaled = new Mat();
        Mat grown = new Mat();
        Rect box = new Rect(across.shownFrom, down.shownFrom, across.shown, down.shown);
        Size size = box.size();
        Size brush = new Size(side, side);
        Mat shape = getStructuringElement(MORPH_RECT, brush)) {
      // of a larger mask no pixel is lost: what covers any part of the picture's pixel hides it
      boolean larger = mask.cols() > size.width();
      resize(mask, scaled, size, 0, 0, larger ? INTER_AREA : INTER_NEAREST);
      dilate(scaled, grown, shape);
      hide(picture, grown, box);
      return countNonZero(grown);
    }
  }

  private void hide(Mat picture, Mat hidden, Rect box) {
    boolean fill = config.mode() == RedactionConfig.Mode.FILL;
    try (Mat shown = new Mat(picture, box);
        Mat cover = fill ? new Mat(1, 1, CV_64FC4, Scalar.all(GRAY)) : coarse(picture)) {
      if (fill) {
        shown.setTo(cover, hidden);
        return;
      }
      try (Mat covering = new Mat(cover, box)) {
        covering.copyTo(shown, hidden);
      }
    }
  }

  /** A picture in few colors, of the same size. */
  private Mat coarse(Mat picture) {
    double block = (double) Math.max(picture.cols(), picture.rows()) / BLOCKS;
    Mat coarse = new Mat();
    try (Mat blocks = new Mat();
        Size few =
            new Size(
                Math.max(1, (int) Math.round(picture.cols() / block)),
                Math.max(1, (int) Math.round(picture.rows() / block)));
        Size size = new Size(picture.cols(), picture.rows())) {
      resize(picture, blocks, few, 0, 0, INTER_AREA);
      boolean smooth = config.mode() == RedactionConfig.Mode.BLUR;
      resize(blocks, coarse, size, 0, 0, smooth ? INTER_LINEAR : INTER_NEAREST);
    }
    return coarse;
  }

  /** A camera has gone. */
  public void forget(String camera) {
    histories.remove(camera);
  }
}
