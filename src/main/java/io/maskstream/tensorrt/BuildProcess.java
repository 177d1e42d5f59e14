package io.maskstream.tensorrt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Builds a plan in a process of its own, which ends with it: the builder needs gigabytes, leaks
 * what the presets do not delete, and may abort on a missing library. Its heap and its time are
 * bounded.
 */
final class BuildProcess implements PlanCache.Builder {
  /** The slowest plans, of large networks on busy GPUs, take some minutes. */
  private static final Duration LONGEST = Duration.ofMinutes(30);

  /** The plan passes through the heap; TensorRT's own memory lies outside of it. */
  private static final String HEAP = "-Xmx1g";

  /** The end of what a failed builder has printed. */
  private static final int OUTPUT_BYTES = 8_000;

  private final List<String> program;
  private final Duration longest;

  BuildProcess() {
    this(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            HEAP,
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-cp",
            System.getProperty("java.class.path"),
            PlanBuilder.class.getName()),
        LONGEST);
  }

  /**
   * A builder.
   *
   * @param program that is given the ONNX file, the plan, the timing cache, the batch profile and
   *     the number of the GPU
   * @param longest after which it is killed
   */
  BuildProcess(List<String> program, Duration longest) {
    this.program = List.copyOf(program);
    this.longest = longest;
  }

  @Override
  public byte[] build(Path onnx, BatchProfile profile, int device, Path timing) throws IOException {
    Path plan = Files.createTempFile("maskstream", ".plan");
    Path output = Files.createTempFile("maskstream", ".log");
    try {
      List<String> command = new ArrayList<>(program);
      command.addAll(
          List.of(
              onnx.toString(),
              plan.toString(),
              timing.toString(),
              profile.toString(),
              Integer.toString(device)));
      run(command, onnx, output);
      return Files.readAllBytes(plan);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a plan was built", e);
    } finally {
      Files.deleteIfExists(plan);
      Files.deleteIfExists(output);
    }
  }

  private void run(List<String> command, Path onnx, Path output)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(
            "the plan of %s was not built within %d s: %s"
                .formatted(onnx, longest.toSeconds(), end(output)));
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          "the plan of %s could not be built (exit code %d): %s"
              .formatted(onnx, process.exitValue(), end(output)));
    }
  }

  private static String end(Path output) throws IOException {
    byte[] all = Files.readAllBytes(output);
    int from = Math.max(0, all.length - OUTPUT_BYTES);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8).strip();
  }
}
