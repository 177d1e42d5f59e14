package io.maskstream.redaction;

import static org.bytedeco.opencv.global.opencv_core.CV_64FC4;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.countNonZero;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_NEAREST;
import static org.bytedeco.opencv.global.opencv_imgproc.MORPH_RECT;
import static org.bytedeco.opencv.global.opencv_imgproc.boundingRect;
import static org.bytedeco.opencv.global.opencv_imgproc.dilate;
import static org.bytedeco.opencv.global.opencv_imgproc.getStructuringElement;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
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

  /** What the last masks of a camera hide, of one size; {@link #HIDDEN} or 0 for each pixel. */
  private record History(int width, int height, Deque<byte[]> masks) {}

  public Redactor(RedactionConfig config) {
    this.config = config;
  }

  /**
   * A picture without the classes.
   *
   * @param picture as its reader gave it
   * @param pixels of the picture that were taken out
   */
  public record Redacted<T>(T picture, int pixels) {}

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
   * @param mask of the same shape as the picture, of any size
   * @param reader takes the result, 8 bits, RGB, which is freed after it
   * @return empty where too little is known to show anything
   */
  public <T> Optional<Redacted<T>> redact(
      String camera, Picture picture, Mask mask, ClassTable table, Function<Mat, T> reader) {
    if (!unknown(config, table).isEmpty()) {
      histories.remove(camera);
      return Optional.empty();
    }
    Deque<byte[]> masks = remember(camera, mask, table);
    return masks.size() < config.frames()
        ? Optional.empty()
        : Optional.of(redact(picture, mask.width(), mask.height(), union(masks), reader));
  }

  private Deque<byte[]> remember(String camera, Mask mask, ClassTable table) {
    History known = histories.get(camera);
    if (known == null || known.width() != mask.width() || known.height() != mask.height()) {
      known = new History(mask.width(), mask.height(), new ArrayDeque<>());
      histories.put(camera, known);
    }
    known.masks().addLast(pixels(mask, table));
    if (known.masks().size() > config.frames()) {
      known.masks().removeFirst();
    }
    return known.masks();
  }

  /** Pixels with one of the classes. */
  private byte[] pixels(Mask mask, ClassTable table) {
    byte[] wanted = new byte[ClassTable.VOID + 1];
    for (int k = 0; k < table.size(); k++) {
      wanted[k] = config.classes().contains(table.name(k)) ? HIDDEN : 0;
    }
    byte[] labels = mask.labels();
    byte[] pixels = new byte[labels.length];
    int from = 0;
    while (from < labels.length) { // by runs of one class, which are long
      int to = from + 1;
      while (to < labels.length && labels[to] == labels[from]) {
        to++;
      }
      Arrays.fill(pixels, from, to, wanted[labels[from] & 0xFF]);
      from = to;
    }
    return pixels;
  }

  private static byte[] union(Deque<byte[]> masks) {
    byte[] all = masks.getLast().clone();
    for (byte[] mask : masks) {
      for (int i = 0; i < all.length; i++) {
        all[i] |= mask[i];
      }
    }
    return all;
  }

  private <T> Redacted<T> redact(
      Picture picture, int maskWidth, int maskHeight, byte[] hidden, Function<Mat, T> reader) {
    try (BytePointer pixels = new BytePointer(picture.rgb());
        Mat shown = new Mat(picture.height(), picture.width(), CV_8UC3, pixels);
        BytePointer labels = new BytePointer(hidden);
        Mat mask = new Mat(maskHeight, maskWidth, CV_8UC1, labels)) {
      int taken = hide(shown, mask);
      return new Redacted<>(reader.apply(shown), taken);
    }
  }

  /** Hides what a mask shows and its surroundings; returns the number of these pixels. */
  private int hide(Mat picture, Mat mask) {
    try (Rect tight = boundingRect(mask)) {
      if (tight.empty()) {
        return 0;
      }
      Span across = span(tight.x(), tight.width(), mask.cols(), picture.cols());
      Span down = span(tight.y(), tight.height(), mask.rows(), picture.rows());
      try (Rect from = new Rect(across.from, down.from, across.length, down.length);
          Rect to = new Rect(across.shownFrom, down.shownFrom, across.shown, down.shown);
          Mat grown = grown(mask, from, to)) {
        hide(picture, grown, to);
        return countNonZero(grown);
      }
    }
  }

  /** The columns or rows of a mask that matter, and the picture's that show just these. */
  private record Span(int from, int length, int shownFrom, int shown) {}

  /** Both sides begin and end at a common border of pixels, so that scaling a part is exact. */
  private Span span(int first, int count, int maskLength, int pictureLength) {
    int units = BigInteger.valueOf(maskLength).gcd(BigInteger.valueOf(pictureLength)).intValue();
    int inMask = maskLength / units;
    int inPicture = pictureLength / units;
    int margin = (config.growPixels() + inPicture - 1) / inPicture;
    int from = Math.max(0, first / inMask - margin);
    int to = Math.min(units, (first + count - 1) / inMask + 1 + margin);
    return new Span(from * inMask, (to - from) * inMask, from * inPicture, (to - from) * inPicture);
  }

  /** A part of a mask at the picture's size, grown; the mask is empty around it. */
  private Mat grown(Mat mask, Rect from, Rect to) {
    Mat grown = new Mat();
    int side = 2 * config.growPixels() + 1;
    try (Mat part = new Mat(mask, from);
        Mat scaled = new Mat();
        Size size = to.size();
        Size brush = new Size(side, side);
        Mat shape = getStructuringElement(MORPH_RECT, brush)) {
      // of a larger mask no pixel is lost: what covers any part of the picture's pixel hides it
      int method = size.width() < part.cols() ? INTER_AREA : INTER_NEAREST;
      resize(part, scaled, size, 0, 0, method);
      dilate(scaled, grown, shape);
    }
    return grown;
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
