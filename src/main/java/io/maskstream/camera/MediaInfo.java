package io.maskstream.camera;

import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/**
 * What an opened medium says of itself: its format, its rate and its end. Valid while the medium is
 * open.
 */
final class MediaInfo {
  private static final String PLAYLIST = "hls";
  private static final double UNKNOWN_FPS = 25;

  /** What FFmpeg takes for more is the unit of the times. */
  private static final double MAX_FPS = 240;

  private final AVFormatContext context;
  private final AVStream video;

  MediaInfo(AVFormatContext context, AVStream video) {
    this.context = context;
    this.video = video;
  }

  /** Name of the demuxer. */
  String format() {
    try (BytePointer name = context.iformat().name()) {
      return name.getString();
    }
  }

  /** Whether it is an HLS playlist, whose frames come a segment at a time. */
  boolean isPlaylist() {
    return format().equals(PLAYLIST);
  }

  /** Frames per second; 25 where the medium does not say, as some GIFs. */
  double fps() {
    AVRational rate = video.avg_frame_rate();
    return rate.num() > 0 && rate.den() > 0 ? (double) rate.num() / rate.den() : UNKNOWN_FPS;
  }

  /** The rate at which all frames have a time of their own, where they come at different ones. */
  double finestFps() {
    AVRational rate = video.r_frame_rate();
    double finest = rate.den() > 0 ? (double) rate.num() / rate.den() : 0;
    return finest <= MAX_FPS ? Math.max(finest, fps()) : fps();
  }

  /** Whether the medium says where it ends: a file by its size, a playlist by being complete. */
  boolean hasEnd() {
    if (isPlaylist()) { // its bytes say nothing about the time
      return context.duration() > 0
          && context.duration_estimation_method() != avformat.AVFMT_DURATION_FROM_BITRATE;
    }
    AVIOContext io = context.pb();
    return io != null && avformat.avio_size(io) > 0;
  }

  /** Frames that the medium says it has; 0 where it does not say. */
  long length() {
    if (video.nb_frames() > 0) {
      return video.nb_frames();
    }
    double seconds = Math.max(0, context.duration()) / (double) avutil.AV_TIME_BASE;
    return Math.round(seconds * fps());
  }
}
