package io.maskstream.camera;

import io.maskstream.frame.Picture;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.IntPointer;

/**
 * How a frame must be turned or mirrored to be seen upright, as phones and body cameras note it
 * (FFmpeg's display matrix, {@code libavutil/display.h}): pixel (x, y) is shown at (a·x + c·y, b·x
 * + d·y). Only right angles are followed; other matrices count as upright.
 *
 * @param a 1, 0 or -1
 * @param b 1, 0 or -1
 * @param c 1, 0 or -1
 * @param d 1, 0 or -1
 */
record Orientation(int a, int b, int c, int d) {
  static final Orientation UPRIGHT = new Orientation(1, 0, 0, 1);

  private static final int CHANNELS = 3;

  /** The orientation of a decoded frame. */
  static Orientation of(AVFrame frame) {
    AVFrameSideData matrix =
        avutil.av_frame_get_side_data(frame, avutil.AV_FRAME_DATA_DISPLAYMATRIX);
    if (matrix == null || matrix.size() < 9L * Integer.BYTES) {
      return UPRIGHT;
    }
    IntPointer numbers = new IntPointer(matrix.data());
    return of(numbers.get(0), numbers.get(1), numbers.get(3), numbers.get(4));
  }

  /** The orientation of a matrix, whose numbers have any length. */
  static Orientation of(int a, int b, int c, int d) {
    boolean straight = b == 0 && c == 0 && a != 0 && d != 0;
    boolean sideways = a == 0 && d == 0 && b != 0 && c != 0;
    return straight || sideways
        ? new Orientation(
            Integer.signum(a), Integer.signum(b), Integer.signum(c), Integer.signum(d))
        : UPRIGHT;
  }

  /** Whether width and height change places. */
  boolean swapsSides() {
    return a == 0;
  }

  /** The picture as it is to be seen. */
  Picture apply(Picture picture) {
    if (equals(UPRIGHT)) {
      return picture;
    }
    int width = swapsSides() ? picture.height() : picture.width();
    int height = swapsSides() ? picture.width() : picture.height();
    int stepX = CHANNELS * (a + b * width);
    int stepY = CHANNELS * (c + d * width);
    int left = a < 0 || c < 0 ? width - 1 : 0;
    int top = b < 0 || d < 0 ? height - 1 : 0;
    int origin = CHANNELS * (left + top * width);
    byte[] from = picture.rgb();
    byte[] to = new byte[from.length];
    int read = 0;
    for (int y = 0; y < picture.height(); y++) {
      int written = origin + y * stepY;
      for (int x = 0; x < picture.width(); x++, read += CHANNELS, written += stepX) {
        to[written] = from[read];
        to[written + 1] = from[read + 1];
        to[written + 2] = from[read + 2];
      }
    }
    return new Picture(width, height, to);
  }
}
