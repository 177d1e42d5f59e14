package io.maskstream.camera;

import io.maskstream.frame.Picture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameGrabber;
import org.bytedeco.javacv.Frame;
import org.bytedeco.javacv.FrameGrabber;

/** The frames of a video file, one after the other, at their own size. */
public final class VideoFile implements AutoCloseable {
  private final FFmpegFrameGrabber grabber;

  private VideoFile(FFmpegFrameGrabber grabber) {
    this.grabber = grabber;
  }

  public static VideoFile open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("no such video: " + file);
    }
    FFmpegFrameGrabber grabber = new FFmpegFrameGrabber(file.toString());
    grabber.setPixelFormat(avutil.AV_PIX_FMT_RGB24);
    grabber.setOption("protocol_whitelist", "file");
    try {
      grabber.start();
      return new VideoFile(grabber);
    } catch (FrameGrabber.Exception e) {
      throw new IOException("cannot read " + file + " as a video: " + e.getMessage(), e);
    }
  }

  /** A frame and its time since the start, microseconds. */
  public record TimedPicture(Picture picture, long mediaMicros) {}

  /** The next frame, or empty at the end. */
  public Optional<TimedPicture> next() throws IOException {
    try {
      Frame frame = grabber.grabImage();
      return frame == null || frame.image == null
          ? Optional.empty()
          : Optional.of(new TimedPicture(copy(frame), frame.timestamp));
    } catch (FrameGrabber.Exception e) {
      throw new IOException("the video cannot be read further: " + e.getMessage(), e);
    }
  }

  /** JavaCV reuses its frame; rows may be padded. */
  static Picture copy(Frame frame) {
    int row = 3 * frame.imageWidth;
    byte[] rgb = new byte[row * frame.imageHeight];
    ByteBuffer rows = ((ByteBuffer) frame.image[0]).duplicate();
    for (int y = 0; y < frame.imageHeight; y++) {
      rows.position(y * frame.imageStride);
      rows.get(rgb, y * row, row);
    }
    return new Picture(frame.imageWidth, frame.imageHeight, rgb);
  }

  /** Frames that the file says it has; 0 where it does not say. */
  public long length() {
    return Math.max(0, grabber.getLengthInVideoFrames());
  }

  public double fps() {
    return grabber.getVideoFrameRate();
  }

  @Override
  public void close() {
    FfmpegSource.closeQuietly(grabber);
  }
}
