package io.maskstream.topic;

import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2BGR;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import io.maskstream.frame.ScalablePicture;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;

/**
 * A picture in bytes that is decoded at the sizes that are asked for. The pixels of a size are the
 * same whatever was asked for before. Used by one thread.
 */
public final class EncodedPicture implements ScalablePicture, AutoCloseable {
  private final byte[] data;
  private final ContentType type;
  private final int width;
  private final int height;
  private @Nullable Mat decoded;
  private @Nullable Picture whole;
  private @Nullable Picture last; // of another size

  /**
   * A picture.
   *
   * @param data shared, only read
   * @param width that the headers state, pixels
   * @param height that the headers state, pixels
   */
  public EncodedPicture(byte[] data, ContentType type, int width, int height) {
    this.data = data;
    this.type = type;
    this.width = width;
    this.height = height;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int height() {
    return height;
  }

  /** Decodes, where it must; an IllegalArgumentException says what is wrong with the bytes. */
  @Override
  public Picture scaled(int toWidth, int toHeight) {
    boolean all = toWidth == width && toHeight == height;
    Picture known = all ? whole : last;
    if (known == null || known.width() != toWidth || known.height() != toHeight) {
      known = decode(toWidth, toHeight);
    }
    if (all) {
      whole = known;
    } else {
      last = known;
    }
    return known;
  }

  private Picture decode(int toWidth, int toHeight) {
    int divisor = PictureCodec.divisor(type, width, height, toWidth, toHeight);
    if (divisor == 1) {
      return PictureScaler.scale(decoded(), toWidth, toHeight);
    }
    try (Mat small = decode(divisor)) {
      return PictureScaler.scale(small, toWidth, toHeight);
    }
  }

  private Mat decode(int divisor) {
    try {
      return PictureCodec.pixels(data, type, width, height, divisor);
    } catch (RuntimeException | OutOfMemoryError e) { // whatever goes wrong lies in the bytes
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The whole picture, RGB; decodes it where that has not been done. */
  private Mat decoded() {
    Mat known = decoded;
    if (known == null) {
      known = decode(1);
      decoded = known;
    }
    return known;
  }

  /** Decodes all of the picture, where it must; as {@link #scaled}. */
  public void requireWhole() {
    var unused = decoded();
  }

  @Override
  public Mat bgr() {
    Mat bgr = new Mat();
    cvtColor(decoded(), bgr, COLOR_RGB2BGR);
    return bgr;
  }

  /** Frees the pixels; pictures that were given stay. */
  @Override
  public void close() {
    Mat known = decoded;
    if (known != null) {
      known.close();
      decoded = null;
    }
  }
}
