package io.maskstream.camera;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Anything that FFmpeg opens: files, RTSP, HTTP, MPEG-TS and V4L2 devices. */
final class FfmpegSource implements FrameSource {

  /** Protocols that a medium may reach from where it was opened, by kind of source. */
  private static final Map<CameraUrl.Kind, String> PROTOCOLS =
      Map.of(
          CameraUrl.Kind.FILE, "file",
          CameraUrl.Kind.RTSP, "rtsp,rtsps,rtp,srtp,udp,tcp,tls",
          CameraUrl.Kind.HTTP, "http,https,httpproxy,tcp,tls,crypto,hls",
          CameraUrl.Kind.MPEGTS, "udp,tcp,rtp",
          CameraUrl.Kind.V4L2, "file");

  /** Motion JPEG over HTTP: FFmpeg invents its times, 25 frames per second whatever arrives. */
  private static final String MULTIPART_JPEG = "mpjpeg";

  private static final int ONE_THREAD = 1;

  private final CameraConfig config;
  private final CameraUrl url;
  private final MediaInput input;
  private final boolean timeByArrival;
  private final long openedNanos = System.nanoTime();

  private FfmpegSource(CameraConfig config, MediaInput input) {
    this.config = config;
    this.url = config.address();
    this.input = input;
    this.timeByArrival = input.format().equals(MULTIPART_JPEG);
  }

  static FfmpegSource open(CameraConfig config, CallDeadline deadline) throws CameraException {
    CameraUrl url = config.address();
    MediaInput.Settings settings =
        new MediaInput.Settings(
            url.secretAddress(),
            url.kind() == CameraUrl.Kind.V4L2 ? Optional.of("v4l2") : Optional.empty(),
            options(config, url.kind()),
            ONE_THREAD,
            config.openLimit(),
            config.timeout());
    try {
      return new FfmpegSource(config, MediaInput.open(settings, deadline));
    } catch (MediaException e) {
      throw FailureReason.of(e, url, config.openLimit());
    }
  }

  private static Map<String, String> options(CameraConfig config, CameraUrl.Kind kind) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("protocol_whitelist", PROTOCOLS.getOrDefault(kind, "file"));
    String micros = micros(config.timeout());
    switch (kind) {
      case RTSP -> {
        options.put("rtsp_transport", config.transport().name().toLowerCase(Locale.ROOT));
        options.put("timeout", micros);
        options.put("fflags", "nobuffer");
      }
      case HTTP -> options.put("rw_timeout", micros);
      case MPEGTS -> options.put("timeout", micros);
      case V4L2 -> options.put("video_size", config.width() + "x" + config.height());
      case FILE, SYNTHETIC -> {}
    }
    return options;
  }

  private static String micros(Duration timeout) {
    return Long.toString(TimeUnit.NANOSECONDS.toMicros(timeout.toNanos()));
  }

  @Override
  public Grab grab() {
    try {
      if (!input.next()) {
        return live() ? new Grab.Failed("the stream ended") : new Grab.Ended();
      }
      FrameSize size = new FrameSize(input.width(), input.height());
      FrameSize target = size.within(config.width(), config.height());
      return new Grab.Frame(
          () -> input.picture(target.width(), target.height()), size, mediaMicros());
    } catch (MediaException e) {
      return new Grab.Failed(
          String.valueOf(FailureReason.of(e, url, config.timeout()).getMessage()));
    }
  }

  private long mediaMicros() {
    Optional<Long> told = timeByArrival ? Optional.empty() : input.mediaMicros();
    return told.orElseGet(() -> TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - openedNanos));
  }

  @Override
  public boolean live() {
    return url.kind() != CameraUrl.Kind.FILE;
  }

  @Override
  public void close() {
    input.close();
  }
}
