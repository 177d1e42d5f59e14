package io.maskstream.app.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.network.HeadConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadCostConfigTest {
  private static final Path PAPERS = Path.of("models/papers.yaml");
  private static final String SCRIPT = "models/papers/networks.py";

  private static final String LEAST =
      """
      graphs: folder
      sizes: [{width: 48, height: 32}]
      heads: [{name: SSA, head: ssa}]
      networks: [{name: A, graph: a%s}]
      """;

  private static HeadCostConfig parse(String paper) throws ConfigException {
    return YamlReader.parse("test", LEAST.formatted(paper), HeadCostConfig.class, Map.of());
  }

  @Test
  void papers_areTheNetworksThatTheScriptWrites() throws IOException, ConfigException {
    HeadCostConfig config = YamlReader.read(PAPERS, HeadCostConfig.class, Map.of());

    assertThat(config.networks()).hasSize(7);
    assertThat(config.heads())
        .extracting(head -> head.variant().head().kind())
        .contains(HeadConfig.Kind.SSA, HeadConfig.Kind.PROTOSEG);
    String script = Files.readString(Path.of(SCRIPT));
    for (HeadCostConfig.Network network : config.networks()) {
      assertThat(script).contains("    \"" + network.graph() + "\":");
    }
  }

  @Test
  void graph_isNamedByNetworkAndSize() throws ConfigException {
    HeadCostConfig config = parse("");

    assertThat(config.graph(config.networks().get(0), config.sizes().get(0)))
        .isEqualTo(Path.of("folder/a-48x32.onnx"));
  }

  @Test
  void paper_ofNoHead_isRefused() {
    assertThatThrownBy(() -> parse(", paper: {SAS: +1}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("paper of A names no head: 'SAS' is not one of [SSA]");
  }

  @Test
  void run_withoutGraphs_namesTheScript() throws ConfigException {
    HeadCosts costs = new HeadCosts(parse(""));

    assertThatThrownBy(() -> costs.run(Path.of("nowhere")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "no such files: " + List.of("folder/a-48x32.onnx") + "; " + SCRIPT + " writes them");
  }
}
