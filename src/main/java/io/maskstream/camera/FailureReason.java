package io.maskstream.camera;

import io.maskstream.camera.CameraException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.ffmpeg.global.avutil;

/** FFmpeg's failures in words, without secrets. */
final class FailureReason {
  /** Formats have several names, such as "mov,mp4,m4a"; one is enough. */
  private static final Pattern NOT_ALLOWED =
      Pattern.compile("(Codec|Format|Protocol) (?:\\(([^,)]+)[^)]*\\)|'([^']+)') not on whitelist");

  /**
   * What FFmpeg answers, without a log line, to a redirect that it must not follow, to a connection
   * that breaks and to the timeout of a protocol.
   */
  private static final int INPUT_OUTPUT = -5;

  /** FFmpeg's line on a connection that ends before its time, even where no length was promised. */
  private static final String ENDS_EARLY = "Stream ends prematurely";

  private static final String CLOSED = "the camera closed the connection";

  private static final String NO_VIDEO =
      "its answer is no video, perhaps a web page; the URL must be that of a stream";

  private static final double MILLIS_PER_SECOND = 1_000;

  private FailureReason() {}

  /** Why a camera cannot be opened. */
  static CameraException opening(MediaException failure, CameraConfig config) {
    if (isBrokenHttp(failure, config)) {
      return passing(
          config.address().scrub(failure.detailed())
              + " (perhaps a redirect, which needs allow.redirects)");
    }
    boolean unknown =
        config.address().kind() == CameraUrl.Kind.HTTP
            && failure.code() == avutil.AVERROR_INVALIDDATA()
            && failure.log().isEmpty();
    return unknown ? passing(NO_VIDEO) : of(failure, config, config.openLimit());
  }

  /**
   * Why the stream of a camera cannot be read further.
   *
   * @param limit the deadline of the call
   */
  static CameraException reading(MediaException failure, CameraConfig config, Duration limit) {
    return isBrokenHttp(failure, config) ? passing(CLOSED) : of(failure, config, limit);
  }

  private static boolean isBrokenHttp(MediaException failure, CameraConfig config) {
    return config.address().kind() == CameraUrl.Kind.HTTP
        && isInputOutput(failure)
        && !isSilence(failure, config);
  }

  /** FFmpeg has nothing more to say. */
  private static boolean isInputOutput(MediaException failure) {
    return failure.code() == INPUT_OUTPUT && failure.log().isEmpty();
  }

  /** Timeouts of protocols look like other errors: over RTSP like an answer that is not one. */
  private static boolean isSilence(MediaException failure, CameraConfig config) {
    boolean rtsp =
        config.address().kind() == CameraUrl.Kind.RTSP
            && failure.code() == avutil.AVERROR_INVALIDDATA()
            && failure.log().isEmpty();
    return failure.timedOut()
        || ((rtsp || isInputOutput(failure)) && failure.elapsed().compareTo(config.timeout()) >= 0);
  }

  private static CameraException passing(String message) {
    return new CameraException(Kind.PASSING, message);
  }

  /**
   * Any failure.
   *
   * @param limit the deadline of the call
   */
  private static CameraException of(MediaException failure, CameraConfig config, Duration limit) {
    CameraUrl url = config.address();
    int code = failure.code();
    if (code == avutil.AVERROR_HTTP_UNAUTHORIZED()) {
      return new CameraException(
          Kind.REFUSED,
          url.hasUser()
              ? "401, wrong user or password"
              : "401, it needs a user and a password, and its URL has none");
    }
    if (code == avutil.AVERROR_HTTP_FORBIDDEN()) {
      return new CameraException(Kind.REFUSED, "403, the user has no right to this stream");
    }
    if (code == avutil.AVERROR_HTTP_NOT_FOUND()) {
      return passing("404, it has no such stream");
    }
    if (isSilence(failure, config)) {
      Duration waited = failure.timedOut() ? limit : config.timeout();
      return passing(
          String.format(
              Locale.ROOT,
              "no picture within %.1f s%s",
              waited.toMillis() / MILLIS_PER_SECOND,
              refusal(failure.log())));
    }
    boolean closed = failure.log().stream().anyMatch(line -> line.startsWith(ENDS_EARLY));
    return passing(
        notAllowed(failure.log()).orElseGet(() -> closed ? CLOSED : url.scrub(failure.detailed())));
  }

  /** What a server answers instead of the segments of a playlist. */
  private static String refusal(List<String> log) {
    return log.stream()
        .filter(line -> line.startsWith(FfmpegLog.REFUSAL))
        .reduce((first, last) -> last)
        .map(line -> ", but " + line)
        .orElse("");
  }

  /** FFmpeg's lines on its whitelists, in terms of the topology file. */
  private static Optional<String> notAllowed(List<String> log) {
    for (String line : log) {
      Matcher refused = NOT_ALLOWED.matcher(line);
      if (refused.find()) {
        String kind = refused.group(1).toLowerCase(Locale.ROOT);
        String name = refused.group(2) == null ? refused.group(3) : refused.group(2);
        return Optional.of(
            "its %s %s is not one that cameras send; allow: {%ss: [%s]} allows it"
                .formatted(kind, name, kind, name));
      }
    }
    return Optional.empty();
  }
}
