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
import java.util.ArrayDeque;
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
    byte[] pixels = new byte[mask.labels().length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = wanted[mask.labels()[i] & 0xFF];
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
        Mat mask = grown(picture, maskWidth, maskHeight, hidden)) {
      hide(shown, mask);
      return new Redacted<>(reader.apply(shown), countNonZero(mask));
    }
  }

  /** The mask at the picture's size, grown. */
  private Mat grown(Picture picture, int maskWidth, int maskHeight, byte[] hidden) {
    Mat grown = new Mat();
    int side = 2 * config.growPixels() + 1;
    try (BytePointer pixels = new BytePointer(hidden);
        Mat mask = new Mat(maskHeight, maskWidth, CV_8UC1, pixels);
        Size size = new Size(picture.width(), picture.height());
        Size brush = new Size(side, side);
        Mat shape = getStructuringElement(MORPH_RECT, brush);
        Mat scaled = new Mat()) {
      resize(mask, scaled, size, 0, 0, INTER_NEAREST);
      dilate(scaled, grown, shape);
    }
    return grown;
  }

  private void hide(Mat picture, Mat mask) {
    try (Rect box = boundingRect(mask)) {
      if (!box.empty()) {
        hide(picture, mask, box);
      }
    }
  }

  /** Where all of the mask is in a box. */
  private void hide(Mat picture, Mat mask, Rect box) {
    boolean fill = config.mode() == RedactionConfig.Mode.FILL;
    try (Mat shown = new Mat(picture, box);
        Mat hidden = new Mat(mask, box);
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
