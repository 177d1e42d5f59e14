package io.maskstream.camera;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.bytedeco.ffmpeg.global.avdevice;

/** Anything that FFmpeg opens: files, RTSP, HTTP, MPEG-TS and V4L2 devices. */
final class FfmpegSource implements FrameSource {

  /** Motion JPEG over HTTP: FFmpeg invents its times, 25 frames per second whatever arrives. */
  private static final String MULTIPART_JPEG = "mpjpeg";

  /** JPEGs one after another, by their content; over HTTP usually only one. */
  private static final String JPEGS = "jpeg_pipe";

  /** What FFmpeg takes a URL for that ends as the name of a picture does. */
  private static final String PICTURE_FILE = "(image2)";

  /** JPEGs one after another, by their name. */
  private static final String JPEG_STREAM = "mjpeg";

  private static final String DEVICE = "v4l2";

  private static final int ONE_THREAD = 1;

  private final CameraConfig config;
  private final CameraUrl url;
  private final MediaInput input;
  private final Optional<TlsTunnel> tunnel;
  private final boolean live;
  private final boolean timeByArrival;
  private final long openedNanos = System.nanoTime();

  private FfmpegSource(CameraConfig config, MediaInput input, Optional<TlsTunnel> tunnel) {
    this.config = config;
    this.url = config.address();
    this.input = input;
    this.tunnel = tunnel;
    this.live = url.kind() != CameraUrl.Kind.FILE && !isFileOverHttp();
    this.timeByArrival = input.info().format().equals(MULTIPART_JPEG);
  }

  static FrameSource open(CameraConfig config, Map<String, String> options, CallDeadline deadline)
      throws CameraException {
    FfmpegSource source = open(config, options, device(config.address()), deadline);
    return source.givesSnapshots()
        ? new SnapshotSource(
            source, () -> open(config, options, Optional.of(JPEGS), deadline), config.fps())
        : source;
  }

  private static FfmpegSource open(
      CameraConfig config,
      Map<String, String> options,
      Optional<String> format,
      CallDeadline deadline)
      throws CameraException {
    CameraUrl url = config.address();
    Optional<TlsTunnel> tunnel =
        url.encrypted() && config.tls().verify()
            ? Optional.of(tunnel(config, deadline))
            : Optional.empty();
    MediaInput.Settings settings =
        new MediaInput.Settings(
            tunnel.map(to -> url.secretAddressAt(to.localPort())).orElse(url.secretAddress()),
            format,
            options,
            ONE_THREAD,
            config.openLimit(),
            config.timeout());
    try {
      return new FfmpegSource(config, open(settings, url, deadline), tunnel);
    } catch (MediaException e) {
      tunnel.ifPresent(TlsTunnel::close);
      throw FailureReason.opening(e, config);
    } catch (RuntimeException | LinkageError e) {
      tunnel.ifPresent(TlsTunnel::close);
      throw e;
    }
  }

  /** The demuxer of devices, which FFmpeg only has once its library of devices is loaded. */
  private static Optional<String> device(CameraUrl url) throws CameraException {
    if (url.kind() != CameraUrl.Kind.V4L2) {
      return Optional.empty();
    }
    try {
      avdevice.avdevice_register_all(); // again and again: it changes nothing
      return Optional.of(DEVICE);
    } catch (LinkageError e) {
      throw new CameraException(
          CameraException.Kind.PASSING,
          "devices need libraries that this machine lacks; on Debian: libasound2 libpulse0 libxcb-shm0 (%s)"
              .formatted(e.getMessage()));
    }
  }

  private boolean isFileOverHttp() {
    return url.kind() == CameraUrl.Kind.HTTP
        && !List.of(MULTIPART_JPEG, JPEGS, JPEG_STREAM).contains(input.info().format())
        && input.info().hasEnd();
  }

  private static MediaInput open(MediaInput.Settings settings, CameraUrl url, CallDeadline deadline)
      throws MediaException {
    try {
      return MediaInput.open(settings, deadline);
    } catch (MediaException e) {
      boolean picture = e.log().stream().anyMatch(line -> line.contains(PICTURE_FILE));
      if (url.kind() != CameraUrl.Kind.HTTP || !picture) {
        throw e;
      }
      return MediaInput.open(settings.withFormat(JPEGS), deadline);
    }
  }

  private boolean givesSnapshots() {
    return url.kind() == CameraUrl.Kind.HTTP && input.info().format().equals(JPEGS);
  }

  private static TlsTunnel tunnel(CameraConfig config, CallDeadline deadline)
      throws CameraException {
    CameraUrl url = config.address();
    deadline.start(config.openLimit());
    SSLContext trusted;
    try {
      trusted = CameraTrust.context(config.tls().ca());
    } catch (IOException e) {
      throw new CameraException(CameraException.Kind.PASSING, String.valueOf(e.getMessage()));
    }
    try {
      return TlsTunnel.open(url, trusted, config.timeout(), deadline);
    } catch (IOException e) {
      throw new CameraException(
          CameraException.Kind.PASSING, url.scrub(CameraTrust.reason(e, url.host())));
    }
  }

  @Override
  public Grab grab() {
    try {
      if (!input.next()) {
        return live
            ? new Grab.Failed(new CameraException(CameraException.Kind.PASSING, "the stream ended"))
            : new Grab.Ended();
      }
      FrameSize size = new FrameSize(input.width(), input.height());
      FrameSize target = input.shown().within(config.width(), config.height());
      return new Grab.Frame(
          () -> input.picture(target.width(), target.height()),
          size,
          mediaMicros(),
          input.durationMicros());
    } catch (MediaException e) {
      return new Grab.Failed(FailureReason.reading(e, config, input.readLimit()));
    }
  }

  private long mediaMicros() {
    Optional<Long> mediaTime = timeByArrival ? Optional.empty() : input.mediaMicros();
    return mediaTime.orElseGet(
        () -> TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - openedNanos));
  }

  @Override
  public boolean live() {
    return live;
  }

  @Override
  public Duration readLimit() {
    return input.readLimit();
  }

  @Override
  public boolean inSegments() {
    return input.info().isPlaylist();
  }

  @Override
  public double fps() {
    return input.info().fps();
  }

  @Override
  public long damaged() {
    return input.undecodable();
  }

  @Override
  public void close() {
    input.close();
    tunnel.ifPresent(TlsTunnel::close);
  }
}
