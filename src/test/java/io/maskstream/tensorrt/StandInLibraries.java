package io.maskstream.tensorrt;

import io.maskstream.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Stand-ins for NVIDIA's libraries, compiled into a folder, and programs that run with them. */
final class StandInLibraries {
  private static final Path SOURCES = Path.of("src", "test", "native");

  private final Path folder;

  StandInLibraries(Path folder) {
    this.folder = folder;
  }

  /** CUDA's driver and runtime, on the processor. */
  void compileCuda() throws IOException, InterruptedException {
    Files.writeString(folder.resolve("cuda.c"), "int cuInit(int flags) { return 0; }");
    Files.writeString(folder.resolve("names.map"), "libcudart.so.13 { global: *; };");
    library("libcuda.so.1", folder.resolve("cuda.c"));
    library(
        "libcudart.so.13",
        SOURCES.resolve("cudart.c"),
        "-Wl,--version-script=" + folder.resolve("names.map"));
  }

  /**
   * TensorRT and its parser.
   *
   * @param cuda folder of the CUDA runtime that they call
   * @param options of the compiler
   */
  void compileTensorRt(Path cuda, String... options) throws IOException, InterruptedException {
    for (String name : List.of("libnvinfer.so.10", "libnvonnxparser.so.10")) {
      List<String> more = new ArrayList<>(List.of("-L" + cuda, "-l:libcudart.so.13"));
      more.addAll(List.of(options));
      library(name, SOURCES.resolve("nvinfer.c"), more.toArray(String[]::new));
    }
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
    var unused = output(new ProcessBuilder(command));
  }

  /** What a program prints with some folders of libraries; fails where it fails. */
  static String run(
      Class<?> program, String libraries, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> options = List.of("-Xmx2g", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    ProcessBuilder process = new ProcessBuilder(ChildJvm.command(options, program, arguments));
    process.environment().put("LD_LIBRARY_PATH", libraries);
    process.environment().putAll(environment);
    return output(process);
  }

  private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("%s failed:%n%s".formatted(builder.command().get(0), text));
    }
    return text;
  }
}
