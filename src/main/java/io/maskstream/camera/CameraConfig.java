package io.maskstream.camera;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import io.maskstream.config.Secret;
import io.maskstream.config.YamlReader;
import io.maskstream.topic.ContentType;
import io.maskstream.zone.Zone;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One camera. */
@RecordBuilder
public record CameraConfig(
    @Key("Unique name: letters, digits, dots, hyphens and underscores; the key of its records.")
        String id,
    @Key(
            value =
                "rtsp://, rtsps://, http(s):// (MJPEG, HLS, a JPEG per request or a file), udp:// or tcp:// (MPEG-TS), "
                    + "a device such as /dev/video0, a path, or synthetic:street?seed=1; "
                    + "{file: PATH} takes it from the first line of a file.")
        Secret url,
    @Key(value = "RTSP transport: tcp or udp.", defaultValue = "tcp") RtspTransport transport,
    @Key(value = "Highest frame rate; frames above it are not read.", defaultValue = "15")
        double fps,
    @Key(
            value = "Largest width of the published frames, pixels; they keep their shape.",
            defaultValue = "480")
        int width,
    @Key(value = "Largest height of the published frames, pixels.", defaultValue = "360")
        int height,
    @Key(
            value = "Encoding of the published frames: jpeg, png, bgr24 or i420.",
            defaultValue = "jpeg")
        ContentType encoding,
    @Key(value = "Quality of a JPEG, 1 to 100.", defaultValue = "90") int quality,
    @Key(
            value =
                "real-time plays files, over HTTP too, and live HLS at their own speed, files without pauses of more than 30s and "
                    + "twice the mean distance of their frames; as-fast-as-possible does not wait.",
            defaultValue = "real-time")
        Pacing pacing,
    @Key(value = "Whether a file starts again at its end.", defaultValue = "false") boolean loop,
    @Key(
            value =
                "Longest wait for data before the connection counts as dead; HLS may pause for 30s between two segments.",
            defaultValue = "5s")
        Duration timeout,
    @Key(value = "First wait before reconnecting; it doubles each time.", defaultValue = "500ms")
        Duration reconnectDelay,
    @Key(
            value =
                "Longest wait before reconnecting; a camera that has delivered for as long has the first one again.",
            defaultValue = "15s")
        Duration maxReconnectDelay,
    @Key(
            value =
                "First wait after the camera refused the user (401, 403); it doubles each time to "
                    + "ten times as much, because cameras lock accounts.",
            defaultValue = "60s")
        Duration refusedDelay,
    @Key("Stop after this many frames.") Optional<Long> maxFrames,
    @Key(value = "What FFmpeg may open beyond the usual.", defaultValue = "{}") Allowed allow,
    @Key(value = "Encryption of https and rtsps.", defaultValue = "{}") Tls tls,
    @Key(value = "Parts of the picture that are measured by themselves.", defaultValue = "[]")
        List<Zone> zones,
    @Key("Partition of its records; by default Kafka's hash of the id, which may put two together.")
        Optional<Integer> partition)
    implements CameraConfigBuilder.With {

  private static final int OPEN_FACTOR = 2;

  /** Transport of RTP. */
  public enum RtspTransport {
    TCP,
    UDP
  }

  /** What FFmpeg may open beyond what cameras usually send. */
  public record Allowed(
      @Key(value = "Further container formats by FFmpeg's names.", defaultValue = "[]")
          List<String> formats,
      @Key(value = "Further codecs by FFmpeg's names.", defaultValue = "[]") List<String> codecs,
      @Key(value = "Further protocols by FFmpeg's names.", defaultValue = "[]")
          List<String> protocols,
      @Key(
              value = "Whether to follow HTTP redirects; they may lead to any host.",
              defaultValue = "false")
          boolean redirects) {
    public Allowed {
      formats = List.copyOf(formats);
      codecs = List.copyOf(codecs);
      protocols = List.copyOf(protocols);
    }
  }

  /** Encryption. */
  public record Tls(
      @Key(
              "PEM file of the authorities to trust, or of the cameras' own certificates; Java's own authorities where it is left out.")
          Optional<Path> ca,
      @Key(
              value =
                  "Whether the camera must show a certificate of one of these authorities for the host in its "
                      + "URL, or one that ca names itself, whatever its host. Addresses in playlists and redirects "
                      + "are checked against the authorities alone.",
              defaultValue = "true")
          boolean verify) {}

  /** Speed of files, live playlists and synthetic cameras. */
  public enum Pacing {
    REAL_TIME,
    AS_FAST_AS_POSSIBLE
  }

  /** A frame a day. */
  private static final double LEAST_FPS = 1e-5;

  private static final double MOST_FPS = 1_000;

  public CameraConfig {
    zones = List.copyOf(zones);
    Checks.require(
        zones.stream().map(Zone::name).distinct().count() == zones.size(),
        "the zones of camera " + id + " must have different names");
    Checks.require(
        id.matches("[A-Za-z0-9._-]{1,100}") && !id.matches("\\.+"),
        "id must be 1 to 100 letters, digits, dots, hyphens or underscores, and not only dots, is '"
            + id
            + "'");
    Checks.require(fps >= LEAST_FPS && fps <= MOST_FPS, "fps must be 0.00001 to 1000, is " + fps);
    Checks.require(width >= 16 && width <= 8192, "width must be 16 to 8192, is " + width);
    Checks.require(height >= 16 && height <= 8192, "height must be 16 to 8192, is " + height);
    Checks.require(quality >= 1 && quality <= 100, "quality must be 1 to 100, is " + quality);
    Checks.require(!timeout.isZero(), "timeout must be above 0");
    Checks.require(!reconnectDelay.isZero(), "reconnectDelay must be above 0");
    Checks.require(!refusedDelay.isZero(), "refusedDelay must be above 0");
    Checks.require(
        maxReconnectDelay.compareTo(reconnectDelay) >= 0,
        "maxReconnectDelay must be at least reconnectDelay, is " + maxReconnectDelay);
    Checks.require(
        encoding != ContentType.I420 || (width % 2 == 0 && height % 2 == 0),
        "i420 needs even sides, is %dx%d".formatted(width, height));
    var unused = CameraUrl.of(url);
  }

  /** A camera with the default settings. */
  public static CameraConfig of(String id, String url) {
    return YamlReader.defaults(CameraConfig.class, Map.of("id", id, "url", url));
  }

  /** Bound on opening and probing the camera: a slow one sends a key frame each few seconds. */
  Duration openLimit() {
    return timeout.multipliedBy(OPEN_FACTOR);
  }

  /** The parsed URL. */
  public CameraUrl address() {
    return CameraUrl.of(url);
  }

  /** For logs: no secrets. */
  @Override
  public String toString() {
    return "%s (%s, %s fps, %dx%d)".formatted(id, address(), fps, width, height);
  }
}
