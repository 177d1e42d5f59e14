package io.maskstream.camera;

import io.maskstream.frame.Picture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;
import org.bytedeco.javacv.FrameRecorder;

/** Writes pictures as an MP4 file (H.264). */
public final class VideoWriter implements AutoCloseable {
  private static final int BITS_A_PIXEL_A_SECOND = 12;
  private static final int MIN_SIDE = 16;
  private static final int MAX_WIDTH = 3840;
  private static final int MAX_HEIGHT = 2160;

  /** How JavaCV names what FFmpeg's call gave. */
  private static final Pattern ERROR = Pattern.compile("error (-\\d+)");

  private final Path file;
  private final FFmpegFrameRecorder recorder;
  private int next;

  private VideoWriter(Path file, FFmpegFrameRecorder recorder) {
    this.file = file;
    this.recorder = recorder;
  }

  /** Loads FFmpeg's libraries, which takes a quarter of a second, ahead of the first file. */
  public static void loadLibraries() {
    FfmpegLog.install();
  }

  /**
   * Starts a file. Larger pictures are scaled down to 3840×2160, about as much as the encoder
   * takes, and sides below 16 are stretched to it; sides are even, as H.264 needs them.
   */
  public static VideoWriter open(Path file, int width, int height, double fps) throws IOException {
    loadLibraries();
    FrameSize size = new FrameSize(width, height).within(MAX_WIDTH, MAX_HEIGHT);
    FFmpegFrameRecorder recorder =
        new FFmpegFrameRecorder(
            file.toString(), Math.max(MIN_SIDE, size.width()), Math.max(MIN_SIDE, size.height()));
    recorder.setFormat("mp4");
    recorder.setVideoCodec(avcodec.AV_CODEC_ID_H264);
    recorder.setPixelFormat(avutil.AV_PIX_FMT_YUV420P);
    recorder.setFrameRate(fps);
    recorder.setVideoBitrate(size.width() * size.height() * BITS_A_PIXEL_A_SECOND);
    try {
      recorder.start();
      return new VideoWriter(file, recorder);
    } catch (FrameRecorder.Exception e) {
      throw failure(file, e);
    }
  }

  private static IOException failure(Path file, FrameRecorder.Exception e) {
    String message = String.valueOf(e.getMessage());
    Matcher error = ERROR.matcher(message);
    String reason = error.find() ? MediaInput.text(Integer.parseInt(error.group(1))) : message;
    return new IOException("cannot write the video " + file + ": " + reason, e);
  }

  /** Adds a picture a frame later than the last one. */
  public void write(Picture picture) throws IOException {
    write(picture, 0);
  }

  /**
   * Adds a picture at a time, to the nearest frame that is free.
   *
   * @param micros since the start; an earlier one than the last is the frame after it
   */
  public void write(Picture picture, long micros) throws IOException {
    int number = (int) Math.max(next, Math.round(micros * recorder.getFrameRate() / 1e6));
    recorder.setFrameNumber(number);
    next = number + 1;
    try (Frame frame =
        new Frame(picture.width(), picture.height(), Frame.DEPTH_UBYTE, 3, 3 * picture.width())) {
      ((ByteBuffer) frame.image[0]).put(picture.rgb());
      recorder.record(frame, avutil.AV_PIX_FMT_RGB24);
    } catch (FrameRecorder.Exception e) {
      throw failure(file, e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      recorder.close();
    } catch (FrameRecorder.Exception e) {
      throw failure(file, e);
    }
  }
}
