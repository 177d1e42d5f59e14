package io.maskstream.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine against stand-ins for CUDA and TensorRT that run on the processor: everything of ours
 * between DJL and NVIDIA's functions, without a GPU. That NVIDIA's functions do what they should is
 * for {@link TrtEngineTest} on a GPU.
 */
class TrtStandInIT {
  private static final Path SOURCES = Path.of("src", "test", "native");

  @TempDir private Path folder;

  @Test
  @Tag("gcc")
  void engine_onStandIns_buildsRunsRefusesAndReleases() throws Exception {
    Files.writeString(folder.resolve("cuda.c"), "int cuInit(int flags) { return 0; }");
    Files.writeString(folder.resolve("names.map"), "libcudart.so.13 { global: *; };");
    library("libcuda.so.1", folder.resolve("cuda.c"));
    library(
        "libcudart.so.13",
        SOURCES.resolve("cudart.c"),
        "-Wl,--version-script=" + folder.resolve("names.map"));
    for (String name : List.of("libnvinfer.so.10", "libnvonnxparser.so.10")) {
      library(name, SOURCES.resolve("nvinfer.c"), "-L" + folder, "-l:libcudart.so.13");
    }
    assertThat(run(Map.of())).contains("all is well");
    assertThat(run(Map.of("STANDIN_NO_CAPTURE", "1")))
        .contains("all is well")
        .contains("passes cannot be recorded as CUDA graphs and are enqueued");
  }

  private String run(Map<String, String> environment) throws Exception {
    Path plans = Files.createTempDirectory(folder, "plans");
    ProcessBuilder process =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-cp",
            System.getProperty("java.class.path"),
            TrtStandIn.class.getName(),
            plans.toString());
    process.environment().put("LD_LIBRARY_PATH", folder.toString());
    process.environment().putAll(environment);
    return output(process);
  }

  private void library(String name, Path source, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "gcc",
                "-shared",
                "-fPIC",
                "-O1",
                "-o",
                folder.resolve(name).toString(),
                "-Wl,-soname," + name,
                source.toString()));
    command.addAll(List.of(more));
    output(new ProcessBuilder(command));
  }

  private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text;
  }
}
