package io.maskstream.camera;

import java.util.List;

/** FFmpeg cannot open or read a medium. The message and the log lines may hold secrets. */
final class MediaException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final boolean timedOut;
  private final transient List<String> log;

  MediaException(String message, int code, boolean timedOut, List<String> log) {
    super(message);
    this.code = code;
    this.timedOut = timedOut;
    this.log = List.copyOf(log);
  }

  /** FFmpeg's error number. */
  int code() {
    return code;
  }

  /** Whether the call was ended by its deadline. */
  boolean timedOut() {
    return timedOut;
  }

  /** FFmpeg's own last error lines. */
  List<String> log() {
    return log;
  }
}
