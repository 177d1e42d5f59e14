package io.maskstream.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NativeHeapTest {
  private static final int BLOCK_BYTES = 64_000_000;
  private static final int ROUNDS = 20;

  /** Page faults of taking, filling and freeing large blocks, in a process of its own. */
  static final class Probe {
    public static void main(String[] arguments) throws IOException {
      if (arguments[0].equals("keep") && !NativeHeap.keepFreedBlocks()) {
        throw new IllegalStateException("mallopt refused");
      }
      long before = faults();
      for (int i = 0; i < ROUNDS; i++) {
        try (Memory block = new Memory(BLOCK_BYTES)) {
          block.clear();
        }
      }
      System.out.println(faults() - before);
    }

    private static long faults() throws IOException {
      String[] fields = Files.readString(Path.of("/proc/self/stat")).split(" ");
      return Long.parseLong(fields[9]);
    }
  }

  private static long faults(String mode) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Stream.of(NativeHeap.class, Probe.class, Memory.class)
                    .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
                    .collect(Collectors.joining(File.pathSeparator)),
                Probe.class.getName(),
                mode)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return Long.parseLong(out.strip());
  }

  @Test
  void keepFreedBlocks_takesPagesFromTheKernelOnce() throws Exception {
    long asItIs = faults("as-it-is");
    long kept = faults("keep");
    System.out.printf("page faults of %d blocks: %d, kept %d%n", ROUNDS, asItIs, kept);
    assertThat(kept).isLessThan(asItIs / 5);
  }
}
