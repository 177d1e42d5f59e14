package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.maskstream.config.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Container and compose files against what they point to. */
class DeployFilesTest {
  private static final Path DOCKER = Path.of("docker");

  private static final Map<String, String> ENVIRONMENT =
      Map.of("KAFKA_BOOTSTRAP", "kafka:9092", "VIEW_USER", "guard", "VIEW_PASSWORD", "secret");

  private static JsonNode yaml(Path file) throws IOException {
    return TypedResources.parse(Files.readString(file)).get(0);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(entry -> texts.add(entry.asText()));
    return texts;
  }

  @Test
  void topology_ofCompose_isRead() throws Exception {
    DeploymentConfig config =
        YamlReader.read(DOCKER.resolve("topology.yaml"), DeploymentConfig.class, ENVIRONMENT);
    assertThat(config.toString()).doesNotContain("secret");
    assertThat(config.monitor().port()).isEqualTo(9464);
    assertThat(Files.isDirectory(config.segment().model())).isTrue();
  }

  @Test
  void compose_pointsToFilesRolesAndPortsThatAreThere() throws IOException {
    JsonNode services = yaml(DOCKER.resolve("compose.yml")).path("services");
    List<String> targets =
        texts(
            yaml(Path.of("deploy/prometheus/prometheus.yml"))
                .at("/scrape_configs/0/static_configs/0/targets"));
    for (String role : List.of("ingest", "segment", "view")) {
      assertThat(services.path(role).path("command").get(3).asText()).isEqualTo(role);
      assertThat(targets).contains(role + ":9464");
    }
    for (JsonNode service : services) {
      for (String volume : texts(service.path("volumes"))) {
        String source = volume.split(":")[0];
        if (source.startsWith(".")) {
          assertThat(DOCKER.resolve(source)).exists();
        }
      }
    }
  }

  /** Passwords that are in the file are for this machine only. */
  @Test
  void compose_publishesOnLoopbackOnly() throws IOException {
    int published = 0;
    for (JsonNode service : yaml(DOCKER.resolve("compose.yml")).path("services")) {
      for (String port : texts(service.path("ports"))) {
        assertThat(port).startsWith("127.0.0.1:");
        published++;
      }
    }
    assertThat(published).isEqualTo(4);
    JsonNode page = yaml(DOCKER.resolve("compose.public.yml")).at("/services/view");
    assertThat(texts(page.path("ports"))).containsExactly("8080:8080");
    assertThat(page.at("/environment/VIEW_PASSWORD").asText()).startsWith("${VIEW_PASSWORD:?");
  }

  @Test
  void composedKafka_answersTheHostAndKeepsItsDataOnTheVolume() throws IOException {
    JsonNode kafka = yaml(DOCKER.resolve("compose.yml")).at("/services/kafka");
    JsonNode settings = kafka.path("environment");
    String host = "HOST://localhost:29092";
    assertThat(settings.path("KAFKA_ADVERTISED_LISTENERS").asText().split(",")).contains(host);
    assertThat(settings.path("KAFKA_LISTENERS").asText().split(",")).contains("HOST://:29092");
    assertThat(texts(kafka.path("ports"))).containsExactly("127.0.0.1:29092:29092");
    assertThat(texts(kafka.path("volumes")))
        .containsExactly("kafka:" + settings.path("KAFKA_LOG_DIRS").asText());
    Set<String> names = new TreeSet<>();
    for (String listener : settings.path("KAFKA_LISTENERS").asText().split(",")) {
      names.add(listener.split(":")[0]);
    }
    assertThat(
            Arrays.stream(settings.path("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP").asText().split(","))
                .map(entry -> entry.split(":")[0]))
        .containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void dockerfile_copiesOnlyWhatTheContextHolds() throws IOException {
    List<String> allowed = Files.readAllLines(Path.of(".dockerignore"));
    assertThat(allowed).contains("models/*/weights.safetensors");
    for (String line : Files.readAllLines(DOCKER.resolve("Dockerfile"))) {
      if (line.startsWith("COPY ") && !line.startsWith("COPY --from")) {
        String[] words = line.split(" ");
        for (int i = 1; i < words.length - 1; i++) {
          assertThat(Path.of(words[i])).exists();
          assertThat(allowed).contains("!" + words[i]);
        }
      }
    }
  }

  /** What a release takes from the source tree is there, and is in the image's context, too. */
  @Test
  void release_takesWhatIsThereAndTheContextHolds() throws IOException {
    List<String> allowed = Files.readAllLines(Path.of(".dockerignore"));
    String assembly = Files.readString(Path.of("src/release/assembly.xml"));
    List<String> taken =
        Stream.of(assembly.split("<include>"))
            .skip(1)
            .map(part -> part.substring(0, part.indexOf('<')))
            .filter(path -> !path.equals("maskstream.jar") && !path.startsWith("lib/"))
            .toList();
    assertThat(taken).contains("maskstream", "NOTICE", "models/*/model.onnx");
    assertThat(taken).noneMatch(path -> path.contains("safetensors"));
    for (String path : taken) {
      String root = path.split("/")[0];
      assertThat(Path.of(root)).exists();
      assertThat(allowed).contains("!" + root);
    }
  }
}
