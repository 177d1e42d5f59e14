package io.maskstream.camera;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The address of a camera. Its text form hides user and password. */
public final class CameraUrl {

  /** How the address is read. */
  public enum Kind {
    FILE,
    RTSP,
    HTTP,
    MPEGTS,
    V4L2,
    SYNTHETIC
  }

  /** Schemes that are allowed, and nothing else: FFmpeg knows many that reach into the machine. */
  private static final List<String> SCHEMES =
      List.of("file", "rtsp", "rtsps", "http", "https", "udp", "tcp", "v4l2", "synthetic");

  private static final String SYNTHETIC_STREET = "synthetic:street";

  private final String address;
  private final Kind kind;

  private CameraUrl(String address, Kind kind) {
    this.address = address;
    this.kind = kind;
  }

  /** Reads an address: a URL of an allowed scheme, a path of a file, or a device. */
  public static CameraUrl parse(String text) {
    String scheme = scheme(text);
    if (!SCHEMES.contains(scheme)) {
      throw new IllegalArgumentException(
          "a camera's URL must be a path or one of %s, is '%s'".formatted(SCHEMES, hide(text)));
    }
    return switch (scheme) {
      case "file" -> new CameraUrl(text.replaceFirst("^file:(//)?", ""), Kind.FILE);
      case "rtsp", "rtsps" -> new CameraUrl(text, Kind.RTSP);
      case "http", "https" -> new CameraUrl(text, Kind.HTTP);
      case "udp", "tcp" -> new CameraUrl(text, Kind.MPEGTS);
      case "v4l2" -> new CameraUrl(text.replaceFirst("^v4l2:(//)?", ""), Kind.V4L2);
      default -> synthetic(text);
    };
  }

  private static CameraUrl synthetic(String text) {
    if (!text.equals(SYNTHETIC_STREET) && !text.startsWith(SYNTHETIC_STREET + "?seed=")) {
      throw new IllegalArgumentException(
          "a synthetic camera is %s or %s?seed=NUMBER, not '%s'"
              .formatted(SYNTHETIC_STREET, SYNTHETIC_STREET, text));
    }
    CameraUrl url = new CameraUrl(text, Kind.SYNTHETIC);
    try {
      url.seed();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the seed of '" + text + "' must be a whole number", e);
    }
    return url;
  }

  private static String scheme(String text) {
    if (text.startsWith("/dev/video")) {
      return "v4l2";
    }
    int colon = text.indexOf(':');
    boolean drive = colon == 1; // C:\clip.mp4
    return colon < 0 || drive ? "file" : text.substring(0, colon).toLowerCase(Locale.ROOT);
  }

  public Kind kind() {
    return kind;
  }

  /** The address with its secrets: for the connection and nothing else. */
  String secretAddress() {
    return address;
  }

  /** Whether the address names a user. */
  boolean hasUser() {
    return !secrets().isEmpty();
  }

  /** Seed of a synthetic camera. */
  public long seed() {
    int at = address.indexOf("?seed=");
    return at < 0 ? 1 : Long.parseLong(address.substring(at + "?seed=".length()));
  }

  /** The address without user, password and the values of its query. */
  @Override
  public String toString() {
    return kind == Kind.SYNTHETIC ? address : hide(address);
  }

  /** A text in which everything that the address keeps secret is starred out. */
  String scrub(String message) {
    String result = message.replace(address, toString());
    for (String secret : secrets()) {
      result = result.replace(secret, "***");
    }
    return result;
  }

  private List<String> secrets() {
    try {
      String user = new URI(address).getRawUserInfo();
      return user == null
          ? List.of()
          : Arrays.stream(user.split(":")).filter(part -> !part.isEmpty()).toList();
    } catch (URISyntaxException e) {
      return List.of();
    }
  }

  private static String hide(String text) {
    return text.replaceFirst("//[^/]*@", "//***@").replaceFirst("\\?.*", "?***");
  }
}
