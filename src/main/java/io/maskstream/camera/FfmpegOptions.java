package io.maskstream.camera;

import io.maskstream.config.Labels;
import io.maskstream.frame.Micros;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * FFmpeg's options for a camera. FFmpeg has hundreds of formats, codecs and protocols, and each is
 * an attack surface for whoever can answer in the place of a camera; so only those that cameras use
 * are open.
 */
final class FfmpegOptions {

  /** Protocols that a medium may reach from where it was opened, by kind of source. */
  private static final Map<CameraUrl.Kind, String> PROTOCOLS =
      Map.of(
          CameraUrl.Kind.FILE, "file",
          CameraUrl.Kind.RTSP, "rtsp,rtsps,rtp,srtp,udp,tcp,tls",
          CameraUrl.Kind.HTTP, "http,https,httpproxy,tcp,tls,crypto,hls",
          CameraUrl.Kind.MPEGTS, "udp,tcp,rtp",
          CameraUrl.Kind.V4L2, "file");

  private static final String VIDEO_FILES = "mov,matroska,mpegts,avi,flv,mjpeg,jpeg_pipe";

  private static final Map<CameraUrl.Kind, String> FORMATS =
      Map.of(
          CameraUrl.Kind.FILE, VIDEO_FILES + ",h264,hevc,ivf,mpeg,ogg",
          CameraUrl.Kind.RTSP, "rtsp,rtp,sdp,mpegts",
          CameraUrl.Kind.HTTP, VIDEO_FILES + ",hls,mpjpeg,aac,mp3",
          CameraUrl.Kind.MPEGTS, "mpegts",
          CameraUrl.Kind.V4L2, "v4l2");

  private static final String CODECS =
      "h264,hevc,libaom-av1,libdav1d,av1,mjpeg,mpeg4,mpeg2video,mpeg1video,h263,vp8,vp9,libvpx,libvpx-vp9,"
          + "png,rawvideo,aac,mp3,mp3float,pcm_alaw,pcm_mulaw,pcm_s16le,pcm_s16be,opus,g726";

  private FfmpegOptions() {}

  /**
   * The options of a camera.
   *
   * @param authorities PEM file of the authorities to trust
   */
  static Map<String, String> of(CameraConfig config, Path authorities) {
    CameraUrl.Kind kind = config.address().kind();
    CameraConfig.Allowed allow = config.allow();
    Map<String, String> options = new LinkedHashMap<>();
    options.put("protocol_whitelist", joined(PROTOCOLS.getOrDefault(kind, ""), allow.protocols()));
    options.put("format_whitelist", joined(FORMATS.getOrDefault(kind, ""), allow.formats()));
    options.put("codec_whitelist", joined(CODECS, allow.codecs()));
    String micros = micros(config.timeout());
    switch (kind) {
      case RTSP -> {
        options.put("rtsp_transport", Labels.of(config.transport()));
        options.put("timeout", micros);
        options.put("fflags", "nobuffer");
        encryption(options, config, authorities);
      }
      case HTTP -> {
        options.put("rw_timeout", micros);
        encryption(options, config, authorities);
        if (!allow.redirects()) {
          options.put("max_redirects", "0");
        }
      }
      case MPEGTS -> options.put("timeout", micros);
      case V4L2 -> options.put("video_size", config.width() + "x" + config.height());
      case FILE, SYNTHETIC -> {}
    }
    return options;
  }

  /** For what a playlist or redirect names; the camera itself is verified by {@link TlsTunnel}. */
  private static void encryption(
      Map<String, String> options, CameraConfig config, Path authorities) {
    if (config.address().encrypted()) {
      options.put("tls_verify", config.tls().verify() ? "1" : "0");
      options.put("ca_file", authorities.toString());
    }
  }

  private static String joined(String usual, List<String> further) {
    return further.isEmpty() ? usual : usual + "," + String.join(",", further);
  }

  private static String micros(Duration timeout) {
    return Long.toString(Micros.of(timeout));
  }
}
