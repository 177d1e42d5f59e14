package io.maskstream.topic;

import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import io.maskstream.frame.ScalablePicture;
import org.jspecify.annotations.Nullable;

/**
 * A picture in bytes that is decoded at the sizes that are asked for. The pixels of a size are the
 * same whatever was asked for before. Used by one thread.
 */
public final class EncodedPicture implements ScalablePicture {
  private final byte[] data;
  private final ContentType type;
  private final int width;
  private final int height;
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
    Picture known = whole;
    if (known != null && PictureCodec.divisor(type, width, height, toWidth, toHeight) == 1) {
      return PictureScaler.scale(known, toWidth, toHeight);
    }
    try {
      return PictureCodec.decode(data, type, width, height, toWidth, toHeight);
    } catch (RuntimeException | OutOfMemoryError e) { // whatever goes wrong lies in the bytes
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }
}
