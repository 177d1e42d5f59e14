package io.maskstream.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import io.maskstream.config.EngineNames;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class VersionInfoTest {

  @Test
  void version_tellsCommitAndLibraries() {
    StringWriter out = new StringWriter();
    int code = Maskstream.commandLine().setOut(new PrintWriter(out, true)).execute("--version");
    assertThat(code).isZero();
    assertThat(Engine.getEngine(EngineNames.ONNX_RUNTIME))
        .isNotNull(); // models can be loaded after it
    assertThat(out.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).matches("maskstream \\S+ \\(commit ([0-9a-f]{12}|unknown)\\)"),
            line -> assertThat(line).matches("FFmpeg \\d+\\.\\S+ \\(LGPL version \\d.*\\)"),
            line -> assertThat(line).matches("ONNX Runtime \\d+\\.\\d+\\.\\d+"),
            line -> assertThat(line).matches("Kafka \\d+\\.\\d+\\.\\d+"),
            line -> assertThat(line).startsWith("Java " + Runtime.version()));
  }
}
