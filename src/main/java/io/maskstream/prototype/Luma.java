package io.maskstream.prototype;

/**
 * A small picture of brightness.
 *
 * @param width pixels
 * @param height pixels
 * @param values rows from the top, one byte per pixel; shared with the receiver
 */
public record Luma(int width, int height, byte[] values) {
  public Luma {
    if (values.length != width * height) {
      throw new IllegalArgumentException(
          "a picture of %d×%d needs %d bytes, has %d"
              .formatted(width, height, width * height, values.length));
    }
  }
}
