package io.maskstream.camera;

import java.time.Duration;
import java.util.List;

/** FFmpeg cannot open or read a medium. The message and the log lines may hold secrets. */
final class MediaException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final boolean timedOut;
  private final Duration elapsed;
  private final transient List<String> log;

  /**
   * A failure.
   *
   * @param code FFmpeg's error number, or 0
   * @param timedOut whether the call was ended by its deadline
   * @param elapsed time from the start of the call
   * @param log FFmpeg's own last error lines
   */
  MediaException(String message, int code, boolean timedOut, Duration elapsed, List<String> log) {
    super(message);
    this.code = code;
    this.timedOut = timedOut;
    this.elapsed = elapsed;
    this.log = List.copyOf(log);
  }

  int code() {
    return code;
  }

  boolean timedOut() {
    return timedOut;
  }

  Duration elapsed() {
    return elapsed;
  }

  List<String> log() {
    return log;
  }

  /** The message with FFmpeg's last line, which often says more. */
  String detailed() {
    String message = String.valueOf(getMessage());
    return log.isEmpty() ? message : "%s (%s)".formatted(message, log.get(log.size() - 1));
  }
}
