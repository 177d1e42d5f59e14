package io.maskstream.camera;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Anything that FFmpeg opens: files, RTSP, HTTP, MPEG-TS and V4L2 devices. */
final class FfmpegSource implements FrameSource {

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

  static FfmpegSource open(CameraConfig config, Map<String, String> options, CallDeadline deadline)
      throws CameraException {
    CameraUrl url = config.address();
    MediaInput.Settings settings =
        new MediaInput.Settings(
            url.secretAddress(),
            url.kind() == CameraUrl.Kind.V4L2 ? Optional.of("v4l2") : Optional.empty(),
            options,
            ONE_THREAD,
            config.openLimit(),
            config.timeout());
    try {
      return new FfmpegSource(config, MediaInput.open(settings, deadline));
    } catch (MediaException e) {
      throw FailureReason.of(e, url, config.openLimit());
    }
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
