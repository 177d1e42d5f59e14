package io.maskstream.frame;

/**
 * A rectangle of pixels; the last column and row, {@code right} and {@code bottom}, are not in it.
 */
public record Bounds(int left, int top, int right, int bottom) {

  /** Without a pixel. */
  public static final Bounds NONE = new Bounds(Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 0);

  /** The least one with both. */
  public Bounds joined(Bounds other) {
    return new Bounds(
        Math.min(left, other.left),
        Math.min(top, other.top),
        Math.max(right, other.right),
        Math.max(bottom, other.bottom));
  }

  public boolean empty() {
    return right <= left;
  }

  public int width() {
    return empty() ? 0 : right - left;
  }

  public int height() {
    return empty() ? 0 : bottom - top;
  }
}
