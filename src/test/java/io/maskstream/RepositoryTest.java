package io.maskstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What lies in the repository: every clone carries it for ever. */
class RepositoryTest {
  private static final long MB = 1_000_000;
  private static final long LIMIT = MB;
  private static final long MODEL_LIMIT = 16 * MB;

  /** Tracked files that are too large, as the rule says them. */
  static List<String> tooLarge(Path root, List<String> tracked) throws IOException {
    List<String> found = new ArrayList<>();
    for (String file : tracked) {
      long limit = file.startsWith("models/") ? MODEL_LIMIT : LIMIT;
      Path path = root.resolve(file);
      if (Files.isRegularFile(path) && Files.size(path) > limit) {
        found.add("%s has %d bytes, at most %d".formatted(file, Files.size(path), limit));
      }
    }
    return found;
  }

  @Test
  @Tag("git")
  void trackedFiles_haveAtMostOneMegabyteAndModelsSixteen() throws Exception {
    Process git = new ProcessBuilder("git", "ls-files", "-z").start();
    String listed = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(git.waitFor()).isZero();
    List<String> tracked = Arrays.stream(listed.split("\0")).toList();
    assertThat(tracked).contains("pom.xml", "models/street-ssa/model.onnx");
    assertThat(tooLarge(Path.of(""), tracked)).isEmpty();
    assertThat(tracked).noneMatch(file -> file.endsWith(".whl") || file.endsWith(".jar"));
  }

  @Test
  void tooLarge_namesFilesOverTheLimitOfTheirFolder(@org.junit.jupiter.api.io.TempDir Path root)
      throws IOException {
    Files.createDirectories(root.resolve("models/a"));
    Files.write(root.resolve("picture.png"), new byte[1_000_001]);
    Files.write(root.resolve("models/a/model.onnx"), new byte[1_000_001]);
    Files.write(root.resolve("models/a/large.onnx"), new byte[16_000_001]);
    assertThat(tooLarge(root, List.of("picture.png", "models/a/model.onnx", "models/a/large.onnx")))
        .containsExactly(
            "picture.png has 1000001 bytes, at most 1000000",
            "models/a/large.onnx has 16000001 bytes, at most 16000000");
  }
}
