package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostRewriterTest {
  private static final List<String> LINES =
      List.of(
          "GET /live.m3u8 HTTP/1.1",
          "Host: 127.0.0.1:80",
          "Host: 127.0.0.1:8080",
          "",
          "GET /Host: 127.0.0.1:80",
          "X-Host: 127.0.0.1:80",
          "Hos",
          "Host: 127.0.0.1:80",
          "",
          "");

  private static String rewritten(String requests, int atOnce) throws IOException {
    HostRewriter rewriter = new HostRewriter("Host: 127.0.0.1:80", "Host: camera");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] bytes = requests.getBytes(StandardCharsets.ISO_8859_1);
    for (int at = 0; at < bytes.length; at += atOnce) {
      byte[] part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + atOnce));
      rewriter.write(part, part.length, out);
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1_000})
  void line_isReplaced_whereItIsWhole(int atOnce) throws IOException {
    List<String> expected = new ArrayList<>(LINES);
    expected.set(1, "Host: camera");
    expected.set(7, "Host: camera");
    assertThat(rewritten(String.join("\r\n", LINES), atOnce))
        .isEqualTo(String.join("\r\n", expected));
  }

  @Test
  void bytesThatAreNoText_stayAsTheyAre() throws IOException {
    String all = "\u0000\u00ff\n\nHH\r\nHost\n$\u0001";
    assertThat(rewritten(all, 1)).isEqualTo(all);
  }
}
