package io.maskstream.camera;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.ffmpeg.avutil.LogCallback;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * FFmpeg's error lines, kept by the thread that caused them, so that the lines of one camera are
 * not taken for those of another. FFmpeg has one log for the process and calls it from the thread
 * at work. Lines of threads that do not listen go to our own log.
 */
final class FfmpegLog {
  private static final Logger log = LoggerFactory.getLogger(FfmpegLog.class);

  private static final int MAX_LINES = 8;

  /** FFmpeg starts a line with "[http @ 0x7f…] ". */
  private static final Pattern PREFIX = Pattern.compile("^\\[([^]]*) @ [^]]*] ");

  /** The line on a format that is not allowed, which names it only before the line. */
  private static final String FORMAT = "Format not on whitelist";

  /** How a warning begins that says why there is no answer, such as "HTTP error 404 Not Found". */
  static final String REFUSAL = "HTTP error";

  private static final ThreadLocal<Deque<String>> LINES = new ThreadLocal<>();

  private static final LogCallback CALLBACK =
      new LogCallback() {
        @Override
        public void call(int level, BytePointer message) {
          String line = withoutPrefix(message.getString().strip());
          if (level <= avutil.AV_LOG_ERROR || line.startsWith(REFUSAL)) {
            take(line);
          }
        }
      };

  static {
    avutil.av_log_set_level(avutil.AV_LOG_WARNING);
    avutil.setLogCallback(CALLBACK);
  }

  private FfmpegLog() {}

  /** Loads FFmpeg and sends its errors here from now on; idempotent. */
  static void install() {} // as every first use of this class does

  private static void take(String line) {
    Deque<String> lines = LINES.get();
    if (lines == null) {
      log.debug("FFmpeg: {}", line);
    } else if (!line.isEmpty()) {
      if (lines.size() == MAX_LINES) {
        lines.removeFirst();
      }
      lines.addLast(line);
    }
  }

  static String withoutPrefix(String line) {
    Matcher prefix = PREFIX.matcher(line);
    if (!prefix.find()) {
      return line;
    }
    String rest = line.substring(prefix.end());
    return rest.startsWith(FORMAT)
        ? "Format (%s)%s".formatted(prefix.group(1), rest.substring("Format".length()))
        : rest;
  }

  /** Begins to keep the lines of this thread; the ones before are forgotten. */
  static void listen() {
    LINES.set(new ArrayDeque<>());
  }

  /** The last lines of this thread since it began to listen. */
  static List<String> lines() {
    Deque<String> lines = LINES.get();
    return lines == null ? List.of() : List.copyOf(lines);
  }

  /** Keeps no more lines of this thread. */
  static void silence() {
    LINES.remove();
  }
}
