package io.maskstream.camera;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameGrabber;
import org.bytedeco.javacv.Frame;
import org.bytedeco.javacv.FrameGrabber;

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

  private final CameraUrl url;
  private final FFmpegFrameGrabber grabber;

  private FfmpegSource(CameraUrl url, FFmpegFrameGrabber grabber) {
    this.url = url;
    this.grabber = grabber;
  }

  /** Opens a connection; may take as long as the timeout. */
  static FfmpegSource open(CameraConfig config) throws CameraException {
    CameraUrl url = config.address();
    FFmpegFrameGrabber grabber = new FFmpegFrameGrabber(url.secretAddress());
    grabber.setPixelFormat(avutil.AV_PIX_FMT_RGB24);
    grabber.setImageWidth(config.width());
    grabber.setImageHeight(config.height());
    grabber.setVideoOption("threads", "1");
    options(config, url.kind()).forEach(grabber::setOption);
    if (url.kind() == CameraUrl.Kind.V4L2) {
      grabber.setFormat("v4l2");
    }
    try {
      grabber.start();
      return new FfmpegSource(url, grabber);
    } catch (FrameGrabber.Exception e) {
      closeQuietly(grabber);
      throw new CameraException(reason(url, e));
    }
  }

  private static Map<String, String> options(CameraConfig config, CameraUrl.Kind kind) {
    String protocols = PROTOCOLS.getOrDefault(kind, "file");
    String micros = micros(config.timeout());
    return switch (kind) {
      case RTSP ->
          Map.of(
              "protocol_whitelist",
              protocols,
              "rtsp_transport",
              config.transport().name().toLowerCase(Locale.ROOT),
              "timeout",
              micros,
              "fflags",
              "nobuffer");
      case HTTP -> Map.of("protocol_whitelist", protocols, "rw_timeout", micros);
      case MPEGTS -> Map.of("protocol_whitelist", protocols, "timeout", micros);
      default -> Map.of("protocol_whitelist", protocols);
    };
  }

  private static String micros(Duration timeout) {
    return Long.toString(timeout.toNanos() / 1_000);
  }

  private static String reason(CameraUrl url, Exception e) {
    return url.scrub(String.valueOf(e.getMessage()));
  }

  @Override
  public Grab grab() {
    try {
      Frame frame = grabber.grabImage();
      if (frame == null || frame.image == null) {
        return live() ? new Grab.Failed("the stream ended") : new Grab.Ended();
      }
      return new Grab.Frame(VideoFile.copy(frame), frame.timestamp);
    } catch (FrameGrabber.Exception e) {
      return new Grab.Failed(reason(url, e));
    }
  }

  @Override
  public boolean live() {
    return url.kind() != CameraUrl.Kind.FILE;
  }

  @Override
  public void close() {
    closeQuietly(grabber);
  }

  static void closeQuietly(FFmpegFrameGrabber grabber) {
    try {
      grabber.close();
    } catch (FrameGrabber.Exception e) {
      org.slf4j.LoggerFactory.getLogger(FfmpegSource.class).debug("closing a camera failed", e);
    }
  }
}
