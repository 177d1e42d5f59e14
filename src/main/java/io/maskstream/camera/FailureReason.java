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
      Pattern.compile("(Codec|Format) \\((\\w+)[^)]*\\) not on whitelist");

  /** What FFmpeg answers, without a log line, to a redirect that it must not follow. */
  private static final int INPUT_OUTPUT = -5;

  private static final double MILLIS_PER_SECOND = 1_000;

  private FailureReason() {}

  /** Why a camera cannot be opened or read. */
  static CameraException of(MediaException failure, CameraUrl url, Duration limit) {
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
    return new CameraException(Kind.PASSING, passing(failure, url, limit));
  }

  private static String passing(MediaException failure, CameraUrl url, Duration limit) {
    if (failure.code() == avutil.AVERROR_HTTP_NOT_FOUND()) {
      return "404, it has no such stream";
    }
    if (failure.timedOut()) {
      return String.format(
          Locale.ROOT, "no picture within %.1f s", limit.toMillis() / MILLIS_PER_SECOND);
    }
    List<String> log = failure.log();
    boolean redirect =
        url.kind() == CameraUrl.Kind.HTTP && log.isEmpty() && failure.code() == INPUT_OUTPUT;
    if (redirect) {
      return url.scrub(String.valueOf(failure.getMessage()))
          + " (perhaps a redirect, which needs allow.redirects)";
    }
    Optional<String> notAllowed = notAllowed(log);
    if (notAllowed.isPresent()) {
      return notAllowed.get();
    }
    String detail = log.isEmpty() ? "" : " (" + log.get(log.size() - 1) + ")";
    return url.scrub(failure.getMessage() + detail);
  }

  /** FFmpeg's lines on its whitelists, in terms of the topology file. */
  private static Optional<String> notAllowed(List<String> log) {
    for (String line : log) {
      Matcher refused = NOT_ALLOWED.matcher(line);
      if (refused.find()) {
        String kind = refused.group(1).toLowerCase(Locale.ROOT);
        return Optional.of(
            "its %s %s is not one that cameras send; allow: {%ss: [%s]} allows it"
                .formatted(kind, refused.group(2), kind, refused.group(2)));
      }
    }
    return Optional.empty();
  }
}
