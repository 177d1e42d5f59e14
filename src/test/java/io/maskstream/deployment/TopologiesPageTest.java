package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.config.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/topologies.md} is what the configuration records say. */
class TopologiesPageTest {
  private static final Path PAGE = Path.of("docs/topologies.md");

  private static final String HEAD =
      """
      # Topology files

      One YAML file describes a deployment: `./maskstream run FILE`. `topologies/street-demo.yaml` is a whole
      one with comments. Values may name environment variables as `${NAME}`; times are like `500ms`, `3s`,
      `10m`, `24h`, `7d`. Mistakes are reported all at once, with the key, the value and the rule.

      This page is generated from the configuration records (`TopologiesPageTest`; run it with
      `-Dmaskstream.write=true` to regenerate the page).
      """;

  @Test
  void page_isWhatTheRecordsSay() throws IOException {
    String expected = HEAD + Reference.of(DeploymentConfig.class);
    if (Boolean.getBoolean("maskstream.write")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(expected);
  }
}
