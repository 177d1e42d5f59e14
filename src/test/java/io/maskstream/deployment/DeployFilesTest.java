package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.maskstream.config.YamlReader;
import io.maskstream.topic.TopicNames;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Containers, compose and Kubernetes files against schemas, and against what they point to. */
class DeployFilesTest {
  private static final Path KUBERNETES = Path.of("deploy/kubernetes");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "KAFKA_BOOTSTRAP", "kafka:9092",
          "CAMERA_GATE", "rtsp://user:secret@gate/stream",
          "CAMERA_YARD", "rtsp://yard/stream",
          "VIEW_USER", "guard",
          "VIEW_PASSWORD", "secret");

  private static List<JsonNode> documents(Path file) throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    YAML.readerFor(JsonNode.class)
        .<JsonNode>readValues(file.toFile())
        .forEachRemaining(documents::add);
    return documents;
  }

  private static List<JsonNode> resources() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String folder : List.of("base", "overlays/strimzi-keda")) {
      try (Stream<Path> listed = Files.list(KUBERNETES.resolve(folder))) {
        listed
            .filter(file -> !file.endsWith("kustomization.yaml"))
            .filter(file -> !file.endsWith("topology.yaml"))
            .sorted()
            .forEach(files::add);
      }
    }
    List<JsonNode> resources = new ArrayList<>();
    for (Path file : files) {
      resources.addAll(documents(file));
    }
    return resources;
  }

  /** Kubernetes' own client: a field it does not know or that is missing is an error. */
  private static void validate(String kind, String json) throws IOException {
    new JSON();
    JsonElement element = JsonParser.parseString(json);
    switch (kind) {
      case "Deployment" -> V1Deployment.validateJsonElement(element);
      case "StatefulSet" -> V1StatefulSet.validateJsonElement(element);
      case "Service" -> V1Service.validateJsonElement(element);
      case "NetworkPolicy" -> V1NetworkPolicy.validateJsonElement(element);
      case "PodDisruptionBudget" -> V1PodDisruptionBudget.validateJsonElement(element);
      case "PodMonitor" -> requireTyped(json, PodMonitor.class);
      case "KafkaTopic" -> requireTyped(json, KafkaTopic.class);
      case "KafkaUser" -> requireTyped(json, KafkaUser.class);
      case "ScaledObject" -> requireTyped(json, ScaledObject.class);
      default -> throw new IllegalArgumentException("no schema for " + kind);
    }
  }

  /** The operators' own classes, but a field they do not know is an error. */
  private static void requireTyped(String json, Class<?> type) throws IOException {
    ObjectMapper strict =
        new ObjectMapper()
            .setAnnotationIntrospector(
                new JacksonAnnotationIntrospector() {
                  @Override
                  public Boolean hasAnySetter(Annotated member) {
                    return false;
                  }
                });
    Object unused = strict.readValue(json, type);
  }

  /** KEDA 2's scaled object, as far as its page on Kafka names fields; it has no Java classes. */
  private record ScaledObject(String apiVersion, String kind, Metadata metadata, Spec spec) {
    private record Metadata(String name) {}

    private record Spec(
        Target scaleTargetRef,
        int minReplicaCount,
        int maxReplicaCount,
        int cooldownPeriod,
        int pollingInterval,
        List<Trigger> triggers) {}

    private record Target(String apiVersion, String kind, String name) {}

    private record Trigger(String type, Kafka metadata, Reference authenticationRef) {}

    private record Kafka(
        String bootstrapServers,
        String consumerGroup,
        String topic,
        String lagThreshold,
        String activationLagThreshold,
        String offsetResetPolicy,
        String allowIdleConsumers,
        String limitToPartitionsWithLag,
        String sasl,
        String tls) {}

    private record Reference(String name) {}
  }

  @Test
  void kubernetes_resources_matchTheSchemas() throws IOException {
    Set<String> seen = new LinkedHashSet<>();
    for (JsonNode resource : resources()) {
      String kind = resource.path("kind").asText();
      seen.add(kind);
      assertThat(resource.path("metadata").path("name").asText()).startsWith("maskstream");
      validate(kind, resource.toString());
    }
    assertThat(seen)
        .contains("Deployment", "StatefulSet", "NetworkPolicy", "PodMonitor")
        .contains("ScaledObject", "KafkaTopic", "KafkaUser");
  }

  @ParameterizedTest
  @CsvSource({
    "StatefulSet, serviceName",
    "PodMonitor, podMetricsEndpoints",
    "ScaledObject, maxReplicaCount",
    "KafkaTopic, partitions",
    "KafkaUser, patternType",
  })
  void validation_ofATypingMistake_fails(String kind, String field) throws IOException {
    String json =
        resources().stream()
            .filter(resource -> resource.path("kind").asText().equals(kind))
            .findFirst()
            .orElseThrow()
            .toString();
    assertThat(json).contains('"' + field + '"');
    String wrong = json.replace('"' + field + '"', '"' + field + "x\"");
    assertThatThrownBy(() -> validate(kind, wrong)).hasMessageContaining(field + "x");
  }

  @Test
  void kubernetes_pods_runWithoutRightsAndPointToWhatIsThere() throws IOException {
    int pods = 0;
    for (JsonNode resource : resources()) {
      JsonNode pod = resource.path("spec").path("template").path("spec");
      if (pod.isMissingNode() || !pod.has("containers")) {
        continue;
      }
      pods++;
      assertThat(pod.path("securityContext").path("runAsNonRoot").asBoolean()).isTrue();
      Set<String> volumes = new LinkedHashSet<>();
      pod.path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
      resource
          .path("spec")
          .path("volumeClaimTemplates")
          .forEach(claim -> volumes.add(claim.path("metadata").path("name").asText()));
      for (JsonNode container : pod.path("containers")) {
        assertThat(container.path("securityContext").path("readOnlyRootFilesystem").asBoolean())
            .isTrue();
        container
            .path("volumeMounts")
            .forEach(mount -> assertThat(volumes).contains(mount.path("name").asText()));
        assertThat(container.path("livenessProbe").path("httpGet").path("path").asText())
            .isEqualTo("/healthz");
        String role = container.path("args").get(3).asText();
        assertThat(List.of("ingest", "segment", "view")).contains(role);
      }
    }
    assertThat(pods).isEqualTo(3);
  }

  @Test
  void topologies_ofContainersAndKubernetes_areRead() throws Exception {
    for (String file : List.of("docker/topology.yaml", "deploy/kubernetes/base/topology.yaml")) {
      DeploymentConfig config = YamlReader.read(Path.of(file), DeploymentConfig.class, ENVIRONMENT);
      assertThat(config.toString()).doesNotContain("secret");
      assertThat(config.monitor().port()).isEqualTo(9464);
      assertThat(Files.isDirectory(config.segment().model())).isTrue();
    }
  }

  @Test
  void strimzi_topics_areAllTopics() throws IOException {
    Set<String> declared = new LinkedHashSet<>();
    for (JsonNode topic : documents(KUBERNETES.resolve("overlays/strimzi-keda/topics.yaml"))) {
      declared.add(topic.path("metadata").path("name").asText());
    }
    TopicNames names = new TopicNames("maskstream");
    assertThat(declared).containsExactlyInAnyOrderElementsOf(names.all());
  }

  @Test
  void compose_pointsToFilesRolesAndPortsThatAreThere() throws IOException {
    JsonNode compose = documents(Path.of("docker/compose.yml")).get(0);
    List<String> targets = new ArrayList<>();
    documents(Path.of("deploy/prometheus/prometheus.yml"))
        .get(0)
        .path("scrape_configs")
        .get(0)
        .path("static_configs")
        .get(0)
        .path("targets")
        .forEach(target -> targets.add(target.asText()));
    for (String role : List.of("ingest", "segment", "view")) {
      assertThat(compose.path("services").path(role).path("command").get(3).asText())
          .isEqualTo(role);
      assertThat(targets).contains(role + ":9464");
    }
    for (JsonNode service : compose.path("services")) {
      for (JsonNode volume : service.path("volumes")) {
        String source = volume.asText().split(":")[0];
        if (source.startsWith(".")) {
          assertThat(Path.of("docker").resolve(source)).exists();
        }
      }
    }
  }

  @Test
  void dockerfile_copiesOnlyWhatTheContextHolds() throws IOException {
    List<String> allowed = Files.readAllLines(Path.of(".dockerignore"));
    for (String line : Files.readAllLines(Path.of("docker/Dockerfile"))) {
      if (line.startsWith("COPY ") && !line.startsWith("COPY --from")) {
        String[] words = line.split(" ");
        for (int i = 1; i < words.length - 1; i++) {
          assertThat(Path.of(words[i])).exists();
          assertThat(allowed).contains("!" + words[i]);
        }
      }
    }
  }
}
