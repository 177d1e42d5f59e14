package io.maskstream.camera;

import io.maskstream.config.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The address of a camera. Its text form hides what can be a secret: user and password, the query,
 * and values in the path, which some cameras use for passwords ({@code /user=a&password=b}).
 */
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
  private static final String SLASHES = "://";
  private static final String HIDDEN = "***";
  private static final int RTSPS_PORT = 322;
  private static final int HTTPS_PORT = 443;

  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9A-Fa-f:.%]+]|[A-Za-z0-9._-]+)(:\\d{1,5})?");

  private static final Pattern URL = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://\\S+");

  /** What stands before an "@" is a user in most texts, and a password with it. */
  private static final Pattern USER = Pattern.compile("[^\\s'\"(/@]+@");

  private static final Pattern PATH_VALUE = Pattern.compile("=[^/&;,]*");

  private static final Pattern SECRET_NAME =
      Pattern.compile("(?i)(pass|pwd|token|secret|auth|key)[A-Za-z0-9_.-]*=");

  /** Shorter values occur in other words, too; replacing them would make messages unreadable. */
  private static final int SHORTEST_SECRET = 3;

  private final String address;
  private final Kind kind;
  private final boolean secret;
  private final Parts parts;

  /**
   * A URL taken apart.
   *
   * @param before scheme and slashes
   * @param user user and password, empty where there are none
   * @param host with its port
   * @param path up to the query
   * @param query with its question mark, or fragment, empty where there is none
   */
  private record Parts(String before, String user, String host, String path, String query) {

    /** As RFC 3986 has it, but a password may hold "/", "?" and "#" in clear. */
    static Parts of(String text) {
      int start = text.indexOf(SLASHES);
      if (start < 0) {
        return new Parts("", "", "", text, "");
      }
      String rest = text.substring(start + SLASHES.length());
      String authority = rest.substring(0, first(rest, "/?#"));
      String end = authority.substring(authority.lastIndexOf('@') + 1);
      boolean plain = HOST.matcher(end).matches() || (authority.contains("@") && !end.isEmpty());
      int at = plain ? authority.lastIndexOf('@') : rest.lastIndexOf('@');
      String from = rest.substring(at + 1);
      int slash = first(from, "/?#");
      String tail = from.substring(slash);
      int question = first(tail, "?#");
      return new Parts(
          text.substring(0, start + SLASHES.length()),
          at < 0 ? "" : rest.substring(0, at),
          from.substring(0, slash),
          tail.substring(0, question),
          tail.substring(question));
    }

    private static int first(String text, String characters) {
      for (int i = 0; i < text.length(); i++) {
        if (characters.indexOf(text.charAt(i)) >= 0) {
          return i;
        }
      }
      return text.length();
    }

    /** Without secrets; an "@" after the host may mean that the host is part of a password. */
    String shown() {
      if (!before.isEmpty() && (path + query).contains("@")) {
        return before + HIDDEN;
      }
      String clear = before.isEmpty() ? path.substring(path.lastIndexOf('@') + 1) : path;
      return before
          + (user.isEmpty() && clear.length() == path.length() ? "" : HIDDEN + "@")
          + host
          + PATH_VALUE.matcher(clear).replaceAll("=" + Matcher.quoteReplacement(HIDDEN))
          + (query.isEmpty() ? "" : "?" + HIDDEN);
    }

    /** For FFmpeg, which ends the user at the first slash. */
    String encoded() {
      return before + (user.isEmpty() ? "" : encode(user) + "@") + host + path + query;
    }

    private static String encode(String user) {
      return user.replace("@", "%40").replace("/", "%2F").replace("?", "%3F").replace("#", "%23");
    }

    Set<String> secrets() {
      Set<String> found = new LinkedHashSet<>();
      addUser(found, user);
      String rest = host + path + query;
      addUser(found, rest.substring(0, Math.max(0, rest.lastIndexOf('@'))));
      add(found, query);
      addValues(found, query);
      Matcher values = PATH_VALUE.matcher(path);
      while (values.find()) {
        add(found, values.group().substring(1));
        add(found, decode(values.group().substring(1)));
      }
      return found;
    }

    /** A password may hold delimiters in clear, so a value may reach to any that follows. */
    private static void addValues(Set<String> found, String query) {
      for (int from = query.indexOf('='); from >= 0; from = query.indexOf('=', from + 1)) {
        for (int to = from + 1; to <= query.length(); to++) {
          if (to == query.length() || "&;#?".indexOf(query.charAt(to)) >= 0) {
            add(found, query.substring(from + 1, to));
            add(found, decode(query.substring(from + 1, to)));
          }
        }
      }
    }

    private static void addUser(Set<String> found, String user) {
      int colon = user.indexOf(':');
      add(found, user);
      add(found, encode(user));
      for (String part :
          colon < 0
              ? List.of(user)
              : List.of(user.substring(0, colon), user.substring(colon + 1))) {
        add(found, part);
        add(found, encode(part));
        add(found, decode(part));
      }
    }

    private static void add(Set<String> found, String secret) {
      if (secret.length() >= SHORTEST_SECRET) {
        found.add(secret);
      }
    }

    private static String decode(String text) {
      try {
        return java.net.URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        return text; // a percent sign that stands for itself
      }
    }
  }

  private CameraUrl(String address, Kind kind, boolean secret) {
    this.kind = kind;
    this.secret = secret;
    this.parts = Parts.of(address);
    this.address = kind == Kind.RTSP || kind == Kind.HTTP ? parts.encoded() : address;
  }

  /**
   * The address of a camera. What came from a file or a variable may be another secret by mistake,
   * so it is quoted only where it is the URL of a host.
   *
   * @throws IllegalArgumentException where it is none, without the value
   */
  static CameraUrl of(Secret url) {
    if (url.value().equals(url.reference())) {
      return parse(url.value());
    }
    try {
      CameraUrl given = parse(url.value());
      return given.parts.before().isEmpty()
          ? new CameraUrl(given.address, given.kind, true)
          : given;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "what a camera's url stands for must be a path or one of %s, with a host: rtsp://HOST/…"
              .formatted(SCHEMES)); // without the cause, which may quote it
    }
  }

  /** Reads an address: a URL of an allowed scheme, a path of a file, or a device. */
  public static CameraUrl parse(String text) {
    String scheme = scheme(text);
    if (!SCHEMES.contains(scheme)) {
      throw new IllegalArgumentException(
          "a camera's URL must be a path or one of %s, is %s"
              .formatted(
                  SCHEMES,
                  URL.matcher(text).lookingAt() ? Parts.of(text).shown() : "none of them"));
    }
    return switch (scheme) {
      case "file" -> local(text.replaceFirst("^file:(//)?", ""), Kind.FILE);
      case "rtsp", "rtsps" -> remote(text, scheme, Kind.RTSP);
      case "http", "https" -> remote(text, scheme, Kind.HTTP);
      case "udp", "tcp" -> remote(text, scheme, Kind.MPEGTS);
      case "v4l2" -> local(text.replaceFirst("^v4l2:(//)?", ""), Kind.V4L2);
      default -> synthetic(text);
    };
  }

  private static CameraUrl local(String path, Kind kind) {
    return new CameraUrl(path, kind, false);
  }

  /** MPEG-TS may be received at a port of any address of this machine, without a host. */
  private static CameraUrl remote(String text, String scheme, Kind kind) {
    CameraUrl url = new CameraUrl(text, kind, false);
    if (url.parts.before().length() != scheme.length() + SLASHES.length()) {
      throw new IllegalArgumentException(
          "a URL of %s must begin with %s%s".formatted(scheme, scheme, SLASHES));
    }
    if (kind == Kind.MPEGTS ? url.parts.host().isEmpty() : url.host().isEmpty()) {
      throw new IllegalArgumentException(
          "a URL of %s must name a host: %s%sHOST".formatted(scheme, scheme, SLASHES));
    }
    return url;
  }

  private static CameraUrl synthetic(String text) {
    if (!text.equals(SYNTHETIC_STREET) && !text.startsWith(SYNTHETIC_STREET + "?seed=")) {
      throw new IllegalArgumentException(
          "a synthetic camera is %s or %s?seed=NUMBER, not '%s'"
              .formatted(SYNTHETIC_STREET, SYNTHETIC_STREET, text));
    }
    CameraUrl url = local(text, Kind.SYNTHETIC);
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

  /** Whether the connection is encrypted. */
  boolean encrypted() {
    String scheme = parts.before().toLowerCase(Locale.ROOT);
    return scheme.equals("https://") || scheme.equals("rtsps://");
  }

  /** Name or address of the host, without the brackets of IPv6. */
  String host() {
    String host = parts.host().replaceFirst(":\\d{1,5}$", "");
    return host.matches("\\[.*]") ? host.substring(1, host.length() - 1) : host;
  }

  /** Port of the host, its own or the one of an encrypted scheme. */
  int encryptedPort() {
    Matcher matcher = HOST.matcher(parts.host());
    if (matcher.matches() && matcher.group(2) != null) {
      return Integer.parseInt(matcher.group(2).substring(1));
    }
    return kind == Kind.RTSP ? RTSPS_PORT : HTTPS_PORT;
  }

  /** Host and port as the camera knows them. */
  String authority() {
    return parts.host();
  }

  /** The address with its secrets, unencrypted at a port of this machine. */
  String secretAddressAt(int port) {
    String scheme = kind == Kind.RTSP ? "rtsp://" : "http://";
    return new Parts(scheme, parts.user(), "127.0.0.1:" + port, parts.path(), parts.query())
        .encoded();
  }

  /** Whether the address names a user. */
  boolean hasUser() {
    return !parts.user().isEmpty();
  }

  /** Whether the address holds what looks like a password or a key. */
  boolean namesSecrets() {
    return hasUser() || SECRET_NAME.matcher(parts.path() + parts.query()).find();
  }

  /** Seed of a synthetic camera. */
  public long seed() {
    int at = address.indexOf("?seed=");
    return at < 0 ? 1 : Long.parseLong(address.substring(at + "?seed=".length()));
  }

  /** The address without its secrets. */
  @Override
  public String toString() {
    return secret ? HIDDEN : kind == Kind.SYNTHETIC ? address : parts.shown();
  }

  /** A text without what the address keeps secret, and without the secrets of any other URL. */
  String scrub(String message) {
    String result =
        URL.matcher(message)
            .replaceAll(found -> Matcher.quoteReplacement(Parts.of(found.group()).shown()));
    result = USER.matcher(result).replaceAll(Matcher.quoteReplacement(HIDDEN) + "@");
    List<String> longestFirst =
        Stream.concat(secret ? Stream.of(address) : Stream.of(), parts.secrets().stream())
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    for (String secret : longestFirst) {
      result = result.replace(secret, HIDDEN);
    }
    return result;
  }
}
