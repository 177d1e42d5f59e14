package io.maskstream.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client compiles with the libraries that its artifact names, as clients/java builds it. */
class ClientLibrariesIT {
  private static final List<String> LIBRARIES =
      List.of("kafka-clients-", "protobuf-java-", "zstd-jni-", "jackson-", "jspecify-");

  @TempDir private Path out;

  private static String libraries() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(
            entry ->
                LIBRARIES.stream().anyMatch(Path.of(entry).getFileName().toString()::startsWith))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void sources_compileWithTheseLibrariesAlone() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    List<String> options =
        new ArrayList<>(
            List.of("-proc:none", "--release", "17", "-cp", libraries(), "-d", out.toString()));
    options.add("-sourcepath");
    options.add("src/main/java" + File.pathSeparator + "target/generated-sources/protobuf");
    try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, null, null);
        Stream<Path> sources = Files.list(Path.of("src/main/java/io/maskstream/client"))) {
      boolean compiled =
          compiler
              .getTask(
                  null,
                  files,
                  problems,
                  options,
                  null,
                  files.getJavaFileObjectsFromPaths(sources.toList()))
              .call();
      assertThat(compiled).as(problems.getDiagnostics().toString()).isTrue();
    }
    assertThat(out.resolve("io/maskstream/client/SegmentedFrameConsumer.class")).exists();
    assertThat(out.resolve("io/maskstream/stream")).doesNotExist();
  }
}
