package io.maskstream.tensorrt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds a plan in a process of its own, which ends with it: the builder needs gigabytes, leaks
 * what the presets do not delete, and may abort on a missing library.
 */
final class BuildProcess implements PlanCache.Builder {

  @Override
  public byte[] build(Path onnx, BatchProfile profile, Path timing) throws IOException {
    Path plan = Files.createTempFile("maskstream", ".plan");
    try {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add(PlanBuilder.class.getName());
      command.add(onnx.toString());
      command.add(plan.toString());
      command.add(timing.toString());
      command.add(profile.toString());
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(
            "the plan of %s could not be built (exit code %d): %s"
                .formatted(onnx, code, output.strip()));
      }
      return Files.readAllBytes(plan);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a plan was built", e);
    } finally {
      Files.deleteIfExists(plan);
    }
  }
}
