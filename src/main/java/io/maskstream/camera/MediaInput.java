package io.maskstream.camera;

import io.maskstream.frame.Picture;
import io.maskstream.topic.FrameMetadata;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * The first video stream of a medium, opened, demuxed and decoded by FFmpeg. Used by one thread.
 *
 * <p>This is not JavaCV's {@code FFmpegFrameGrabber}, for three reasons: the grabber opens a medium
 * twice when the first attempt fails (cameras lock accounts after failed logins), it has no
 * interrupt callback, and it does not say which frames could not be decoded.
 */
final class MediaInput implements AutoCloseable {
  private static final AVRational MICROSECONDS = new AVRational().num(1).den(1_000_000);

  /** {@code AV_FRAME_FLAG_CORRUPT}, which the bindings do not have. */
  private static final int FLAG_CORRUPT = 1;

  /** A playlist names a new segment about every 2 to 10 s, and some cameras are late with it. */
  static final Duration LONGEST_SEGMENT = Duration.ofSeconds(30);

  /** A medium with this many unreadable packets in a row is over. */
  private static final int MAX_UNREADABLE = 100;

  private static final String UNKNOWN_NOTES = "unable to decode APP";

  private static final int ERROR_TEXT_BYTES = 256;

  /**
   * How to open a medium.
   *
   * @param address what FFmpeg opens, secrets included
   * @param format name of the demuxer, where it must not be guessed
   * @param options of protocol and demuxer
   * @param threads of the decoder; 0 leaves the choice to FFmpeg
   * @param openLimit bound on opening and probing
   * @param readLimit bound on reading one frame; a playlist has {@link #LONGEST_SEGMENT} at least
   */
  record Settings(
      String address,
      Optional<String> format,
      Map<String, String> options,
      int threads,
      Duration openLimit,
      Duration readLimit) {

    Settings withFormat(String demuxer) {
      return new Settings(address, Optional.of(demuxer), options, threads, openLimit, readLimit);
    }
  }

  private final CallDeadline deadline;
  private final Settings settings;
  private final AVFormatContext context;
  private final AVPacket packet = avcodec.av_packet_alloc();
  private final AVFrame frame = avutil.av_frame_alloc();
  private final FrameConverter converter = new FrameConverter();
  private @Nullable AVCodecContext codec;
  private Orientation orientation = Orientation.UPRIGHT;
  private @Nullable Long firstMicros;
  private long startNanos;
  private int stream;
  private boolean drained;
  private long frames;
  private long undecodable;
  private boolean truncated;

  private MediaInput(Settings settings, CallDeadline deadline) {
    this.settings = settings;
    this.deadline = deadline;
    this.context = avformat.avformat_alloc_context();
    deadline.attachTo(context);
  }

  /**
   * Opens a medium.
   *
   * @param deadline bounds every call; it must not be closed before the input
   */
  static MediaInput open(Settings settings, CallDeadline deadline) throws MediaException {
    FfmpegLog.listen();
    MediaInput input = new MediaInput(settings, deadline);
    input.start(settings.openLimit());
    try {
      input.openContext();
      input.openDecoder();
      return input;
    } catch (MediaException | RuntimeException | LinkageError e) {
      input.close();
      throw e;
    }
  }

  private void start(Duration limit) {
    startNanos = System.nanoTime();
    deadline.start(limit);
  }

  private void openContext() throws MediaException {
    AVInputFormat format = null;
    if (settings.format().isPresent()) {
      format = avformat.av_find_input_format(settings.format().get());
      if (format == null) {
        throw failure("FFmpeg has no format " + settings.format().get(), 0);
      }
    }
    AVDictionary options = new AVDictionary(null);
    try {
      settings.options().forEach((name, value) -> avutil.av_dict_set(options, name, value, 0));
      check(
          "cannot be opened",
          avformat.avformat_open_input(context, settings.address(), format, options));
      check(
          "has no readable streams",
          avformat.avformat_find_stream_info(context, (AVDictionary) null));
      forgetInterrupt();
    } finally {
      avutil.av_dict_free(options);
    }
  }

  /**
   * Of a stream with few frames per second the deadline ends the search for more about it. What is
   * known by then may do, but FFmpeg would take the interrupt for the failure of the next read.
   */
  private void forgetInterrupt() {
    AVIOContext io = context.pb();
    if (io != null && io.error() == avutil.AVERROR_EXIT()) {
      io.error(0).eof_reached(0);
    }
  }

  private void openDecoder() throws MediaException {
    stream =
        avformat.av_find_best_stream(context, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
    check("has no video", stream);
    for (int i = 0; i < context.nb_streams(); i++) {
      if (i != stream) { // or a playlist of several bit rates is downloaded in all of them
        context.streams(i).discard(avcodec.AVDISCARD_ALL);
      }
    }
    AVStream video = context.streams(stream);
    AVCodec decoder = avcodec.avcodec_find_decoder(video.codecpar().codec_id());
    if (decoder == null) {
      throw failure("has video of a codec that FFmpeg cannot decode", 0);
    }
    AVCodecContext opened = avcodec.avcodec_alloc_context3(decoder);
    codec = opened;
    check(
        "has bad codec parameters",
        avcodec.avcodec_parameters_to_context(opened, video.codecpar()));
    opened
        .pkt_timebase(video.time_base())
        .thread_count(settings.threads())
        .max_pixels(FrameMetadata.MAX_PIXELS);
    String allowed = settings.options().get("codec_whitelist");
    AVDictionary options = new AVDictionary(null);
    try {
      if (allowed != null) {
        avutil.av_dict_set(options, "codec_whitelist", allowed, 0);
      }
      check("has video that cannot be decoded", avcodec.avcodec_open2(opened, decoder, options));
    } finally {
      avutil.av_dict_free(options);
    }
  }

  /** Reads on to the next frame, or says that there is none. */
  boolean next() throws MediaException {
    AVCodecContext decoder = opened();
    FfmpegLog.listen();
    start(readLimit());
    while (true) {
      int got = avcodec.avcodec_receive_frame(decoder, frame);
      if (got == 0) {
        frames++;
        firstMicros = firstMicros == null ? streamMicros().orElse(null) : firstMicros;
        undecodable += isDamaged(decoder) ? 1 : 0;
        orientation = Orientation.of(frame);
        return true;
      }
      if (got == avutil.AVERROR_EOF()) {
        return false;
      }
      if (got != again()) {
        undecodable++;
      } else {
        feed(decoder);
      }
    }
  }

  /** Bound on reading one frame. */
  Duration readLimit() {
    Duration limit = settings.readLimit();
    return info().isPlaylist() && limit.compareTo(LONGEST_SEGMENT) < 0 ? LONGEST_SEGMENT : limit;
  }

  /** The decoder of JPEG marks no damage, but logs it; it also logs notes that it cannot read. */
  private boolean isDamaged(AVCodecContext decoder) {
    if (decoder.codec_id() == avcodec.AV_CODEC_ID_MJPEG
        && FfmpegLog.lines().stream().anyMatch(line -> !line.startsWith(UNKNOWN_NOTES))) {
      return true;
    }
    return (frame.flags() & FLAG_CORRUPT) != 0 || frame.decode_error_flags() != 0;
  }

  /** Gives the decoder the next packet of the stream. */
  private void feed(AVCodecContext decoder) throws MediaException {
    int read = readPacket();
    if (read == avutil.AVERROR_EOF() && !drained) {
      drained = true;
      avcodec.avcodec_send_packet(decoder, null);
      return;
    }
    check("cannot be read further", read);
    try {
      if (packet.stream_index() == stream
          && avcodec.avcodec_send_packet(decoder, packet) == avutil.AVERROR_INVALIDDATA()) {
        undecodable++;
      }
    } finally {
      avcodec.av_packet_unref(packet);
    }
  }

  /** Unreadable stretches of a file are skipped; a connection that breaks is not its end. */
  private int readPacket() {
    int read = avformat.av_read_frame(context, packet);
    for (int i = 0; i < MAX_UNREADABLE && read == avutil.AVERROR_INVALIDDATA(); i++) {
      truncated = true;
      read = avformat.av_read_frame(context, packet);
    }
    if (deadline.expired()) { // demuxers may call it the end, or give what they have of a packet
      avcodec.av_packet_unref(packet);
      return avutil.AVERROR_EXIT();
    }
    AVIOContext io = context.pb();
    return read == avutil.AVERROR_EOF() && io != null && io.error() < 0 ? io.error() : read;
  }

  private AVCodecContext opened() {
    if (codec == null) {
      throw new IllegalStateException("closed");
    }
    return codec;
  }

  private static int again() {
    return org.bytedeco.ffmpeg.presets.avutil.AVERROR_EAGAIN();
  }

  private void check(String what, int result) throws MediaException {
    if (result < 0) {
      throw failure(what, result);
    }
  }

  private MediaException failure(String what, int code) {
    boolean interrupted = code == avutil.AVERROR_EXIT(); // now, or in the call before
    boolean timedOut = interrupted || deadline.expired();
    String detail = timedOut ? "timed out" : code == 0 ? "" : text(code);
    return new MediaException(
        detail.isEmpty() ? what : what + ": " + detail,
        code,
        timedOut,
        Duration.ofNanos(System.nanoTime() - startNanos),
        FfmpegLog.lines());
  }

  /** FFmpeg's words for an error. */
  static String text(int code) {
    byte[] text = new byte[ERROR_TEXT_BYTES];
    avutil.av_strerror(code, text, text.length);
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return new String(text, 0, end, StandardCharsets.UTF_8);
  }

  /** Width of the frame that was read last, upright, pixels. */
  int width() {
    return orientation.swapsSides() ? frame.height() : frame.width();
  }

  /** Height of the frame that was read last, upright, pixels. */
  int height() {
    return orientation.swapsSides() ? frame.width() : frame.height();
  }

  /**
   * Size in which the frame that was read last is to be seen, upright: where its pixels are not
   * square, one side is less than it was sent with.
   */
  FrameSize shown() {
    AVRational pixel =
        avformat.av_guess_sample_aspect_ratio(context, context.streams(stream), frame);
    FrameSize size = new FrameSize(width(), height());
    if (pixel.num() <= 0 || pixel.den() <= 0) {
      return size;
    }
    double aspect = (double) pixel.num() / pixel.den();
    return size.withPixels(orientation.swapsSides() ? 1 / aspect : aspect);
  }

  /** Time of the frame that was read last, since the first frame; empty where unknown. */
  Optional<Long> mediaMicros() {
    Long first = firstMicros;
    return first == null ? Optional.empty() : streamMicros().map(time -> time - first);
  }

  /** The time that the medium gives the frame that was read last; few media begin at 0. */
  private Optional<Long> streamMicros() {
    long time = frame.best_effort_timestamp();
    return time == avutil.AV_NOPTS_VALUE() ? Optional.empty() : Optional.of(micros(time));
  }

  /** How long the frame that was read last is shown; 0 where unknown. */
  long durationMicros() {
    return Math.max(0, micros(frame.duration()));
  }

  private long micros(long time) {
    return avutil.av_rescale_q(time, context.streams(stream).time_base(), MICROSECONDS);
  }

  /** The frame that was read last, upright, scaled to this size. */
  Picture picture(int width, int height) {
    boolean swaps = orientation.swapsSides();
    return orientation.apply(
        converter.toPicture(frame, swaps ? height : width, swaps ? width : height));
  }

  /** What the medium says of itself. */
  MediaInfo info() {
    return new MediaInfo(context, context.streams(stream));
  }

  /** Frames read so far that could not be decoded, or only with damage. */
  long undecodable() {
    long missing =
        (truncated || undecodable > 0) && drained
            ? context.streams(stream).nb_frames() - frames
            : 0;
    return Math.max(undecodable, missing);
  }

  @Override
  public void close() {
    FfmpegLog.silence();
    converter.close();
    if (codec != null) {
      avcodec.avcodec_free_context(codec);
      codec = null;
    }
    avformat.avformat_close_input(context);
    avcodec.av_packet_free(packet);
    avutil.av_frame_free(frame);
  }
}
