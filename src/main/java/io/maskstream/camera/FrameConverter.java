package io.maskstream.camera;

import io.maskstream.frame.Picture;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/**
 * Decoded frames of any size and pixel format to pictures. Follows the frames where their size or
 * format changes. Used by one thread.
 */
final class FrameConverter implements AutoCloseable {
  private static final int CHANNELS = 3;

  /** {@code AV_FRAME_FLAG_INTERLACED}, which the bindings do not have. */
  private static final int FLAG_INTERLACED = 8;

  private final SwsContext scaler = swscale.sws_alloc_context();
  private @Nullable AVFrame target;

  FrameConverter() {
    scaler.flags(swscale.SWS_BILINEAR);
  }

  /**
   * The frame as a picture of this size. The two fields of an interlaced frame are converted as one
   * picture: apart, they would stay a comb where the picture is scaled down.
   */
  Picture toPicture(AVFrame frame, int width, int height) {
    AVFrame rgb = target(width, height);
    frame.flags(frame.flags() & ~FLAG_INTERLACED);
    int result = swscale.sws_scale_frame(scaler, rgb, frame);
    if (result < 0) {
      throw new IllegalStateException(
          "FFmpeg cannot convert a frame of %dx%d: error %d"
              .formatted(frame.width(), frame.height(), result));
    }
    return copy(rgb);
  }

  private AVFrame target(int width, int height) {
    if (target != null && (target.width() != width || target.height() != height)) {
      avutil.av_frame_free(target);
      target = null;
    }
    if (target == null) {
      target = avutil.av_frame_alloc();
      target.width(width).height(height).format(avutil.AV_PIX_FMT_RGB24);
      if (avutil.av_frame_get_buffer(target, 0) < 0) {
        throw new IllegalStateException("no memory for a frame of %dx%d".formatted(width, height));
      }
    }
    return target;
  }

  /** Rows of the native frame are padded. */
  private static Picture copy(AVFrame frame) {
    int row = CHANNELS * frame.width();
    int stride = frame.linesize(0);
    byte[] rgb = new byte[row * frame.height()];
    BytePointer data = frame.data(0);
    for (int y = 0; y < frame.height(); y++) {
      data.position((long) y * stride).get(rgb, y * row, row);
    }
    return new Picture(frame.width(), frame.height(), rgb);
  }

  @Override
  public void close() {
    if (target != null) {
      avutil.av_frame_free(target);
      target = null;
    }
    swscale.sws_freeContext(scaler);
  }
}
