package io.maskstream.camera;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Replaces a line of requests by another. Lines that cannot be it go on at once, byte by byte, so
 * that nothing is held back that is no such line.
 */
final class HostRewriter {
  private final byte[] line;
  private final byte[] instead;
  private boolean atStart = true; // of a line, or within what may be it
  private int same; // bytes of the line that were read

  /**
   * Between two lines.
   *
   * @param line without its end
   * @param instead of it, without its end
   */
  HostRewriter(String line, String instead) {
    this.line = line.getBytes(StandardCharsets.ISO_8859_1);
    this.instead = instead.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Writes the first bytes of some that were read. */
  void write(byte[] bytes, int length, OutputStream out) throws IOException {
    ByteArrayOutputStream written = new ByteArrayOutputStream(length + instead.length);
    for (int i = 0; i < length; i++) {
      write(bytes[i], written);
    }
    written.writeTo(out);
  }

  private void write(byte next, ByteArrayOutputStream out) {
    if (atStart && same < line.length && next == line[same]) {
      same++;
      return;
    }
    boolean found = same == line.length && next == '\r';
    out.write(found ? instead : line, 0, found ? instead.length : same);
    same = 0;
    out.write(next);
    atStart = next == '\n';
  }
}
