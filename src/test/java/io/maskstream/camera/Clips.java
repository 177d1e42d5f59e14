package io.maskstream.camera;

import io.maskstream.synthetic.SyntheticStreet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.LongStream;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;

/** Clips of a street with times of the tests' choice, 160×120. */
final class Clips {
  private static final int FPS = 25;
  private static final int WIDTH = 160;
  private static final int HEIGHT = 120;

  private Clips() {}

  /** Times of frames that follow each other at 25 per second, microseconds. */
  static long[] steady(long firstMicros, int frames) {
    return LongStream.range(0, frames).map(i -> firstMicros + i * 1_000_000 / FPS).toArray();
  }

  /** An MPEG transport stream with a frame at each of the times; FFmpeg adds 1.4 s to all. */
  static Path write(Path file, long... micros) throws IOException {
    return write(file, avcodec.AV_CODEC_ID_MPEG2VIDEO, micros);
  }

  /** The same of another codec of FFmpeg. */
  static Path write(Path file, int codec, long... micros) throws IOException {
    SyntheticStreet street = new SyntheticStreet(1, WIDTH, HEIGHT);
    FfmpegLog.install();
    try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toString(), WIDTH, HEIGHT);
        Frame frame = new Frame(WIDTH, HEIGHT, Frame.DEPTH_UBYTE, 3)) {
      recorder.setFormat("mpegts");
      recorder.setVideoCodec(codec);
      recorder.setPixelFormat(avutil.AV_PIX_FMT_YUV420P);
      recorder.setFrameRate(FPS);
      recorder.start();
      for (long time : micros) {
        ((ByteBuffer) frame.image[0].rewind())
            .put(street.at(Duration.ofNanos(time % 60_000_000 * 1_000)).picture().rgb());
        recorder.setTimestamp(time);
        recorder.record(frame, avutil.AV_PIX_FMT_RGB24);
      }
    }
    return file;
  }
}
