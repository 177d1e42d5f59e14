package io.maskstream.health;

import static org.bytedeco.opencv.global.opencv_core.CV_16S;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.NORM_L2SQR;
import static org.bytedeco.opencv.global.opencv_core.norm;
import static org.bytedeco.opencv.global.opencv_core.sumElems;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2GRAY;
import static org.bytedeco.opencv.global.opencv_imgproc.Laplacian;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.prototype.SceneSignature;
import java.util.zip.CRC32C;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;

/** Measures small pictures. */
public final class PictureMeter {
  /** Size of the pictures that are measured; larger ones are scaled to it. */
  public static final int WIDTH = 320;

  public static final int HEIGHT = 240;

  /** A pixel's brightness at most, or at least, where it says nothing. */
  private static final int DARK = 16;

  private static final int BRIGHT = 240;

  /** Pixels of a cell's side. */
  private static final int CELL = 20;

  private static final int COLUMNS = WIDTH / CELL;
  private static final int ROWS = HEIGHT / CELL;

  /** Standard deviation of the brightness in a cell without texture, at most. */
  private static final double FLAT = 4;

  /** A picture of less contrast has no sharpness to speak of: the noise of a sensor, squared. */
  private static final double NOISE = 4;

  private PictureMeter() {}

  /**
   * Measures a picture.
   *
   * @param picture of {@link #WIDTH}×{@link #HEIGHT}
   * @param relearn whether an operator wants the camera's usual values to be learned again
   */
  public static PictureStats measure(FrameId frame, Picture picture, boolean relearn) {
    if (picture.width() != WIDTH || picture.height() != HEIGHT) {
      throw new IllegalArgumentException(
          "pictures to measure have %d×%d pixels, not %d×%d"
              .formatted(WIDTH, HEIGHT, picture.width(), picture.height()));
    }
    byte[] gray = new byte[WIDTH * HEIGHT];
    double edges = edges(picture, gray);
    Cells cells = new Cells();
    for (int y = 0; y < HEIGHT; y++) {
      cells.add(gray, y);
    }
    double mean = 0;
    double square = 0;
    int flat = 0;
    for (int c = 0; c < COLUMNS * ROWS; c++) {
      double m = (double) cells.sums[c] / (CELL * CELL);
      double s = (double) cells.squares[c] / (CELL * CELL);
      mean += m / (COLUMNS * ROWS);
      square += s / (COLUMNS * ROWS);
      flat += s - m * m <= FLAT * FLAT ? 1 : 0;
    }
    double variance = Math.max(0, square - mean * mean);
    return new PictureStats(
        frame,
        mean,
        Math.sqrt(variance),
        (double) cells.dark / (WIDTH * HEIGHT),
        (double) cells.bright / (WIDTH * HEIGHT),
        (double) flat / (COLUMNS * ROWS),
        edges / (variance + NOISE),
        fingerprint(gray),
        SceneSignature.of(WIDTH, HEIGHT, picture.rgb()),
        relearn);
  }

  /** Sums over the cells and the whole picture. */
  private static final class Cells {
    final int[] sums = new int[COLUMNS * ROWS];
    final int[] squares = new int[COLUMNS * ROWS];
    int dark;
    int bright;

    void add(byte[] gray, int y) {
      for (int column = 0; column < COLUMNS; column++) {
        int from = y * WIDTH + column * CELL;
        int sum = 0;
        int square = 0;
        for (int i = from; i < from + CELL; i++) {
          int value = gray[i] & 0xFF;
          sum += value;
          square += value * value;
          dark += value <= DARK ? 1 : 0;
          bright += value >= BRIGHT ? 1 : 0;
        }
        int cell = y / CELL * COLUMNS + column;
        sums[cell] += sum;
        squares[cell] += square;
      }
    }
  }

  /** Variance of the Laplacian; the brightness goes to {@code gray}. */
  private static double edges(Picture picture, byte[] gray) {
    try (BytePointer pixels = new BytePointer(picture.rgb());
        Mat rgb = new Mat(HEIGHT, WIDTH, CV_8UC3, pixels);
        Mat luma = new Mat();
        Mat edges = new Mat();
        Mat noMask = new Mat()) {
      cvtColor(rgb, luma, COLOR_RGB2GRAY);
      luma.data().get(gray);
      Laplacian(luma, edges, CV_16S);
      try (Scalar sum = sumElems(edges)) {
        double mean = sum.get(0) / (WIDTH * HEIGHT);
        return norm(edges, NORM_L2SQR, noMask) / (WIDTH * HEIGHT) - mean * mean;
      }
    }
  }

  private static long fingerprint(byte[] gray) {
    CRC32C sum = new CRC32C();
    sum.update(gray);
    return sum.getValue();
  }
}
