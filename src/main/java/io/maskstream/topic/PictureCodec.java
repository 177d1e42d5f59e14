package io.maskstream.topic;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR_RGB;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2YUV_I420;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_YUV2RGB_I420;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.opencv_core.Mat;

/** Pictures to bytes of a content type and back, by OpenCV. */
public final class PictureCodec {

  private static final int MAX_DIVISOR = 8;

  private PictureCodec() {}

  /**
   * Encodes.
   *
   * @param quality of a JPEG, 1 to 100; the others have none
   */
  public static byte[] encode(Picture picture, ContentType type, int quality) {
    try (Mat bgr = picture.bgr()) {
      return encode(bgr, type, quality);
    }
  }

  /** The same of a picture of OpenCV: 8 bits, BGR, without gaps between the rows. */
  public static byte[] encode(Mat bgr, ContentType type, int quality) {
    int size = 3 * bgr.cols() * bgr.rows();
    return switch (type) {
      case BGR24 -> bytes(bgr, size);
      case I420 -> {
        requireEven(bgr.cols(), bgr.rows());
        try (Mat converted = new Mat()) {
          cvtColor(bgr, converted, COLOR_BGR2YUV_I420);
          yield bytes(converted, size / 2);
        }
      }
      case JPEG, PNG -> compress(bgr, type, quality);
    };
  }

  private static void requireEven(int width, int height) {
    if (width % 2 != 0 || height % 2 != 0) {
      throw new IllegalArgumentException(
          "I420 needs even sides, the picture is %d×%d".formatted(width, height));
    }
  }

  private static byte[] compress(Mat bgr, ContentType type, int quality) {
    try (BytePointer out = new BytePointer();
        IntPointer parameters =
            type == ContentType.JPEG
                ? new IntPointer(IMWRITE_JPEG_QUALITY, quality)
                : new IntPointer(0L)) {
      if (!imencode(type == ContentType.JPEG ? ".jpg" : ".png", bgr, out, parameters)) {
        throw new IllegalStateException("cannot encode a picture as " + type.mime());
      }
      byte[] bytes = new byte[(int) out.limit()];
      out.get(bytes);
      return bytes;
    }
  }

  private static byte[] bytes(Mat mat, int size) {
    byte[] bytes = new byte[size];
    mat.data().get(bytes);
    return bytes;
  }

  /**
   * Decodes; an IllegalArgumentException says what is wrong with the bytes.
   *
   * @param width that the headers state, pixels
   * @param height that the headers state, pixels
   */
  public static Picture decode(byte[] data, ContentType type, int width, int height) {
    return decode(data, type, width, height, width, height);
  }

  /**
   * Decodes and scales. A JPEG of at least twice the size is decoded at a half, a quarter or an
   * eighth, which its cosines allow without the work for the whole.
   *
   * @param width that the headers state, pixels
   * @param height that the headers state, pixels
   * @param toWidth of the result, pixels
   * @param toHeight of the result, pixels
   */
  public static Picture decode(
      byte[] data, ContentType type, int width, int height, int toWidth, int toHeight) {
    int divisor = divisor(type, width, height, toWidth, toHeight);
    try (Mat rgb = pixels(data, type, width, height, divisor)) {
      return PictureScaler.scale(rgb, toWidth, toHeight);
    }
  }

  /**
   * Decodes for OpenCV: 8 bits, RGB, without gaps between the rows.
   *
   * @param divisor of the sides; more than 1 for a JPEG alone
   */
  static Mat pixels(byte[] data, ContentType type, int width, int height, int divisor) {
    return switch (type) {
      case JPEG, PNG -> compressed(data, type, width, height, divisor);
      case BGR24 -> raw(data, width, height, height, CV_8UC3, COLOR_BGR2RGB);
      case I420 -> {
        requireEven(width, height);
        yield raw(data, width, height, height * 3 / 2, CV_8UC1, COLOR_YUV2RGB_I420);
      }
    };
  }

  /** What a picture's sides are divided by while it is decoded for a size. */
  static int divisor(ContentType type, int width, int height, int toWidth, int toHeight) {
    int divisor = type == ContentType.JPEG ? MAX_DIVISOR : 1;
    while (divisor > 1 && (width < divisor * toWidth || height < divisor * toHeight)) {
      divisor /= 2;
    }
    return divisor;
  }

  private static int divided(int side, int divisor) {
    return (side + divisor - 1) / divisor;
  }

  private static void requireSize(int width, int height, int foundWidth, int foundHeight) {
    if (foundWidth != width || foundHeight != height) {
      throw new IllegalArgumentException(
          "the headers say %d×%d, the picture is %d×%d"
              .formatted(width, height, foundWidth, foundHeight));
    }
  }

  private static Mat compressed(byte[] data, ContentType type, int width, int height, int divisor) {
    if (data.length == 0) {
      throw new IllegalArgumentException("the value is empty, it must be a picture");
    }
    PictureHeader header = PictureHeader.read(data, type);
    requireSize(width, height, header.width(), header.height());
    Mat rgb = decompress(data, type, divisor);
    try {
      requireSize(divided(width, divisor), divided(height, divisor), rgb.cols(), rgb.rows());
      return rgb;
    } catch (IllegalArgumentException e) {
      rgb.close();
      throw e;
    }
  }

  private static Mat decompress(byte[] data, ContentType type, int divisor) {
    int reduced = divisor == 1 ? 0 : divisor * (IMREAD_REDUCED_GRAYSCALE_2 / 2);
    try (BytePointer bytes = new BytePointer(data);
        Mat encoded = new Mat(1, data.length, CV_8UC1, bytes)) {
      Mat rgb = imdecode(encoded, IMREAD_COLOR_RGB | IMREAD_IGNORE_ORIENTATION | reduced);
      if (rgb.empty()) {
        rgb.close();
        throw new IllegalArgumentException(
            "the value is not a readable %s (%d bytes)".formatted(type.mime(), data.length));
      }
      return rgb;
    }
  }

  private static Mat raw(
      byte[] data, int width, int height, int rows, int matType, int conversion) {
    long expected = (long) rows * width * (matType == CV_8UC3 ? 3 : 1);
    if (data.length != expected) {
      throw new IllegalArgumentException(
          "a raw picture of %d×%d needs %d bytes, has %d"
              .formatted(width, height, expected, data.length));
    }
    try (BytePointer bytes = new BytePointer(data);
        Mat mat = new Mat(rows, width, matType, bytes)) {
      Mat rgb = new Mat();
      cvtColor(mat, rgb, conversion);
      return rgb;
    }
  }
}
