package io.maskstream.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.ChildJvm;
import io.maskstream.app.Maskstream;
import io.maskstream.camera.VideoFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DemoIT {

  /** Reads lines up to one that has a text. */
  private static List<String> until(BufferedReader lines, String text) throws IOException {
    List<String> read = new ArrayList<>();
    while (read.isEmpty() || !read.get(read.size() - 1).contains(text)) {
      String line = lines.readLine();
      assertThat(line).as("%s in %s", text, read).isNotNull();
      read.add(line);
    }
    return read;
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void withoutAnEnd_runsUntilItIsStopped_andLeavesWhatItHasFilmed(@TempDir Path out)
      throws Exception {
    Process demo =
        ChildJvm.start(
            Maskstream.class, "demo", "--seconds", "0", "--json", "--out", out.toString());
    try (BufferedReader lines = demo.inputReader(StandardCharsets.UTF_8)) {
      assertThat(until(lines, "cameras: 2, ")).anyMatch(line -> line.startsWith("page: http"));
      until(lines, "first mask ");
      until(lines, "camera-2 "); // a row of the table comes every other second
      until(lines, "camera-2 ");
      demo.toHandle().destroy();
      String json = until(lines, "{\"").stream().reduce("", (before, line) -> line);
      assertThat(json).contains("\"camera-1\":{\"frames\":").doesNotContain("\"frames\":0");
      assertThat(lines.lines()).anyMatch(line -> line.contains("overlay.mp4"));
    } finally {
      demo.destroyForcibly();
    }
    try (VideoFile film = VideoFile.open(out.resolve("overlay.mp4"))) {
      assertThat(film.next()).isPresent();
    }
    assertThat(out.resolve("overlay.png")).isNotEmptyFile();
  }
}
