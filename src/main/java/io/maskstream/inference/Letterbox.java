package io.maskstream.inference;

import static org.bytedeco.opencv.global.opencv_core.BORDER_REFLECT;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.copyMakeBorder;

import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.frame.ScalablePicture;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;

/**
 * How a picture of any shape lies inside a model's input: scaled by one factor, in the middle, its
 * edges mirrored into the borders. Mirrored rather than black, because borders take part in the
 * adaptation of the prototypes, and black is of no class.
 *
 * @param width of the model's input, pixels
 * @param height of the model's input, pixels
 * @param left columns before the picture
 * @param top rows before the picture
 * @param innerWidth columns of the picture
 * @param innerHeight rows of the picture
 */
public record Letterbox(int width, int height, int left, int top, int innerWidth, int innerHeight) {

  /** The place of a picture of one size in an input of another. */
  public static Letterbox of(int pictureWidth, int pictureHeight, int width, int height) {
    double scale = Math.min((double) width / pictureWidth, (double) height / pictureHeight);
    int innerWidth = side(pictureWidth * scale, width);
    int innerHeight = side(pictureHeight * scale, height);
    return new Letterbox(
        width,
        height,
        (width - innerWidth) / 2,
        (height - innerHeight) / 2,
        innerWidth,
        innerHeight);
  }

  /** The place of a picture in a model's input. */
  public static Letterbox of(ScalablePicture picture, ModelCard card) {
    return of(picture.width(), picture.height(), card.width(), card.height());
  }

  private static int side(double length, int max) {
    return (int) Math.max(1, Math.min(Math.round(length), max));
  }

  /** Whether the picture fills the input. */
  public boolean full() {
    return innerWidth == width && innerHeight == height;
  }

  /** The picture as the model's input. */
  public Picture apply(ScalablePicture picture) {
    Picture inner = picture.scaled(innerWidth, innerHeight);
    if (full()) {
      return inner;
    }
    byte[] rgb = new byte[3 * width * height];
    int right = width - innerWidth - left;
    int bottom = height - innerHeight - top;
    try (BytePointer pixels = new BytePointer(inner.rgb());
        Mat from = new Mat(innerHeight, innerWidth, CV_8UC3, pixels);
        Mat to = new Mat();
        Scalar unused = new Scalar()) {
      copyMakeBorder(from, to, top, bottom, left, right, BORDER_REFLECT, unused);
      to.data().get(rgb);
    }
    return new Picture(width, height, rgb);
  }

  /** The part of the input's mask that shows the picture. */
  public Mask crop(Mask mask) {
    if (full()) {
      return mask;
    }
    byte[] labels = new byte[innerWidth * innerHeight];
    for (int y = 0; y < innerHeight; y++) {
      System.arraycopy(
          mask.labels(), (top + y) * mask.width() + left, labels, y * innerWidth, innerWidth);
    }
    return new Mask(innerWidth, innerHeight, labels);
  }

  /** The segmentation of the picture alone; the confidence stays that of the whole input. */
  Segmentation crop(Segmentation whole) {
    if (full()) {
      return whole;
    }
    Mask mask = crop(whole.mask());
    int[] pixels = new int[whole.pixels().length];
    for (byte label : mask.labels()) {
      pixels[Byte.toUnsignedInt(label)]++;
    }
    return new Segmentation(
        mask,
        pixels,
        whole.confidence(),
        whole.observation(),
        whole.memoryWeight(),
        whole.map().map(this::crop));
  }

  /** The cells of the input's map whose centres lie in the picture, at least one. */
  ConfidenceMap crop(ConfidenceMap whole) {
    int first = cell(left, width, whole.width());
    int columns = Math.max(1, cell(left + innerWidth, width, whole.width()) - first);
    int above = cell(top, height, whole.height());
    int rows = Math.max(1, cell(top + innerHeight, height, whole.height()) - above);
    byte[] values = new byte[columns * rows];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(
          whole.values(), (above + row) * whole.width() + first, values, row * columns, columns);
    }
    return new ConfidenceMap(columns, rows, values);
  }

  /** The first of the cells along a side whose centre is not before a pixel's edge. */
  private static int cell(int edge, int length, int cells) {
    return (int) Math.ceil((double) edge * cells / length - 0.5);
  }
}
