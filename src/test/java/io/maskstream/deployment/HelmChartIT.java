package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.maskstream.config.YamlReader;
import io.maskstream.metrics.LogFormat;
import io.maskstream.topic.TopicNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart, rendered by Helm itself and read by the classes of Kubernetes and the operators. */
@Tag("go")
class HelmChartIT {
  private static final String HELM = "helm.sh/helm/v4/cmd/helm@v4.3.1";
  private static final Path PROGRAM = Path.of("target/helm/helm").toAbsolutePath();
  private static final String CHART = "deploy/helm/maskstream";

  /** What a cluster with everything would set. */
  static final String EVERYTHING =
      """
      cameras:
        - {id: gate-1, urlSecret: {name: cameras, key: gate}, fps: 10, partition: 0}
        - {id: lobby, url: 'synthetic:street?seed=7', fps: 8, partition: 1}
      segment: {gpu: {enabled: true}, settings: {maxAge: 800ms, model: /models/yard, redact: {classes: [car]}}, nodeSelector: {disk: fast}}
      models: {enabled: true}
      rules: [{name: crowd, cameras: [gate-1], zone: door, classes: [pedestrian], above: 0.05}]
      view: {ingress: {enabled: true, tlsSecret: page}}
      keda: {enabled: true}
      webhook: {existingSecret: alarms, settings: {timeout: 5s}}
      """;

  record Outcome(int exitCode, String out, String err) {}

  @BeforeAll
  static void buildHelm() throws Exception {
    if (!Files.isExecutable(PROGRAM)) {
      Files.createDirectories(PROGRAM.getParent());
      ProcessBuilder go = new ProcessBuilder("/usr/local/go/bin/go", "install", HELM);
      go.environment().put("GOBIN", PROGRAM.getParent().toString());
      Process built = go.redirectErrorStream(true).start();
      String log = new String(built.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(built.waitFor()).as(log).isZero();
    }
  }

  private static Outcome helm(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
    command.addAll(Arrays.asList(arguments));
    Path err = Files.createTempFile("helm", ".err");
    try {
      Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return new Outcome(process.exitValue(), out, Files.readString(err));
    } finally {
      Files.delete(err);
    }
  }

  static Outcome template(Path folder, String values) throws Exception {
    Path file = Files.writeString(folder.resolve("values.yaml"), values);
    return helm(
        "template", "maskstream", CHART, "--namespace", "video", "--values", file.toString());
  }

  static List<JsonNode> rendered(Path folder, String values) throws Exception {
    Outcome outcome = template(folder, values);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return TypedResources.parse(outcome.out());
  }

  static JsonNode find(List<JsonNode> resources, String kind, String name) {
    return resources.stream()
        .filter(resource -> resource.path("kind").asText().equals(kind))
        .filter(resource -> resource.at("/metadata/name").asText().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
  }

  static List<JsonNode> ofKind(List<JsonNode> resources, String kind) {
    return resources.stream()
        .filter(resource -> resource.path("kind").asText().equals(kind))
        .toList();
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  static JsonNode pod(List<JsonNode> resources, String role) {
    String kind = role.equals("segment") ? "StatefulSet" : "Deployment";
    return find(resources, kind, "maskstream-" + role).at("/spec/template/spec");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        EVERYTHING,
        "{strimzi: {enabled: false}, kafka: {tls: {enabled: false}, sasl: {mechanism: ''}},"
            + " view: {enabled: false}, networkPolicy: {enabled: false},"
            + " podMonitor: {enabled: false}}",
        "{strimzi: {enabled: false}, kafka: {sasl: {mechanism: PLAIN}}, keda: {enabled: true}}"
      })
  void rendered_resources_areWhatTheirClassesKnow(String values, @TempDir Path folder)
      throws Exception {
    List<JsonNode> resources = rendered(folder, values);
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode resource : resources) {
      TypedResources.validate(resource);
      String name = resource.at("/metadata/name").asText();
      assertThat(name).startsWith("maskstream");
      assertThat(names.add(resource.path("kind").asText() + " " + name)).as(name).isTrue();
    }
    assertThat(names).contains("StatefulSet maskstream-segment", "Deployment maskstream-ingest");
  }

  @Test
  void lint_chart_hasNoMistakes() throws Exception {
    Outcome outcome = helm("lint", "--strict", CHART);
    assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "StatefulSet, serviceName",
    "PodMonitor, podMetricsEndpoints",
    "ScaledObject, maxReplicaCount",
    "TriggerAuthentication, secretTargetRef",
    "KafkaTopic, partitions",
    "KafkaUser, patternType",
  })
  void validation_ofATypingMistake_fails(String kind, String field, @TempDir Path folder)
      throws Exception {
    String json = ofKind(rendered(folder, EVERYTHING), kind).get(0).toString();
    assertThat(json).contains('"' + field + '"');
    String wrong = json.replace('"' + field + '"', '"' + field + "x\"");
    assertThatThrownBy(() -> TypedResources.validate(TypedResources.parse(wrong).get(0)))
        .hasMessageContaining(field + "x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "segment: {replica: 2}|replica",
        "cameras: [{id: a}]|cameras",
        "cameras: [{id: a, url: x, urlSecret: {name: s, key: k}}]|cameras",
        "kafka: {bootstrap: kafka}|bootstrap",
        "view: {settings: {password: secret}}|invalid propertyName 'password'",
        "segment: {gpu: {enabled: maybe}}|enabled",
        "webhook: {settings: {secret: clear}}|invalid propertyName 'secret'",
        "webhook: {port: 0}|port",
        "pictures: {place: process}|needs segment.replicas: 1 and keda.enabled: false",
        "pictures: {place: disk}|place",
        "kafka: {sasl: {mechanism: PLAIN}}|Strimzi has no users with PLAIN",
      })
  void values_thatAreWrong_areRefused(String values, String named, @TempDir Path folder)
      throws Exception {
    Outcome outcome = template(folder, values);
    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.err()).contains(named);
  }

  @Test
  void pods_runWithoutRightsAndPointToWhatIsThere(@TempDir Path folder) throws Exception {
    List<JsonNode> resources = rendered(folder, EVERYTHING);
    for (String role : List.of("ingest", "segment", "view")) {
      JsonNode pod = pod(resources, role);
      assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
      assertThat(list(pod.path("topologySpreadConstraints"))).hasSize(2);
      Set<String> volumes =
          list(pod.path("volumes")).stream()
              .map(volume -> volume.path("name").asText())
              .collect(Collectors.toSet());
      if (role.equals("segment")) {
        volumes.add("state");
      }
      JsonNode container = pod.path("containers").get(0);
      assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean()).isTrue();
      assertThat(list(container.path("volumeMounts")))
          .allMatch(mount -> volumes.contains(mount.path("name").asText()));
      assertThat(container.path("args").get(3).asText()).isEqualTo(role);
      assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/healthz");
      find(resources, "ConfigMap", pod.path("volumes").get(0).at("/configMap/name").asText());
    }
  }

  /** The environment of a pod, with a value for each secret. */
  static Map<String, String> environment(JsonNode pod) {
    Map<String, String> environment = new LinkedHashMap<>();
    for (JsonNode entry : pod.path("containers").get(0).path("env")) {
      JsonNode secret = entry.at("/valueFrom/secretKeyRef");
      String value = entry.path("value").asText("maskstream-segment-0");
      environment.put(
          entry.path("name").asText(),
          secret.isMissingNode()
              ? value
              : (secret.path("key").asText().equals("url") ? "https://" : "")
                  + "secret-of-"
                  + secret.path("name").asText()
                  + "-"
                  + secret.path("key").asText());
    }
    return environment;
  }

  static DeploymentConfig topology(List<JsonNode> resources, String role) throws Exception {
    String file =
        find(resources, "ConfigMap", "maskstream-" + role).at("/data/topology.yaml").asText();
    return YamlReader.parse(role, file, DeploymentConfig.class, environment(pod(resources, role)));
  }

  @Test
  void topologies_ofTheRoles_areReadAndHoldOnlyWhatARoleNeeds(@TempDir Path folder)
      throws Exception {
    List<JsonNode> resources = rendered(folder, EVERYTHING);
    DeploymentConfig ingest = topology(resources, "ingest");
    DeploymentConfig segment = topology(resources, "segment");
    DeploymentConfig view = topology(resources, "view");

    assertThat(ingest.cameras()).hasSize(2);
    assertThat(ingest.cameras().get(0).url().value()).isEqualTo("secret-of-cameras-gate");
    assertThat(segment.cameras()).isEmpty();
    assertThat(view.cameras()).isEmpty();
    assertThat(view.view().bind()).isEqualTo("0.0.0.0");
    assertThat(view.segment().folders()).containsExactly(Path.of("/models/yard"));
    assertThat(segment.rules()).singleElement().matches(rule -> rule.watches("gate-1"));
    assertThat(view.rules()).isEmpty(); // the page takes them from their topic
    assertThat(ingest.rules()).isEmpty();
    assertThat(view.segment().redact()).isEqualTo(segment.segment().redact()).isPresent();
    assertThat(pod(resources, "view").path("containers").get(0).path("volumeMounts").toString())
        .contains("/models");
    for (var entry : Map.of("ingest", ingest, "segment", segment, "view", view).entrySet()) {
      Map<String, String> kafka = entry.getValue().kafka().settings();
      String user = "maskstream-" + entry.getKey();
      assertThat(kafka)
          .containsEntry("security.protocol", "SASL_SSL")
          .containsEntry("sasl.mechanism", "SCRAM-SHA-512");
      assertThat(entry.getValue().monitor().log()).isEqualTo(LogFormat.JSON);
      assertThat(kafka.get("sasl.jaas.config"))
          .contains("username=\"" + user + "\"")
          .contains("password=\"secret-of-" + user + "-password\"");
      find(resources, "KafkaUser", user);
    }
    assertThat(segment.group().instance()).contains("maskstream-segment-0");
    assertThat(segment.group().sessionTimeout()).contains(Duration.ofSeconds(20));
    assertThat(ingest.group().instance()).isEmpty();
    assertThat(pod(resources, "segment").toString())
        .doesNotContain("CAMERA_")
        .doesNotContain("VIEW_");
  }

  /** Operations that a user has on a topic. */
  static Set<String> rights(JsonNode user, String topic) {
    Set<String> rights = new LinkedHashSet<>();
    for (JsonNode acl : user.at("/spec/authorization/acls")) {
      JsonNode resource = acl.path("resource");
      String name = resource.path("name").asText();
      boolean prefix = resource.path("patternType").asText().equals("prefix");
      if (resource.path("type").asText().equals("topic")
          && (prefix ? topic.startsWith(name) : topic.equals(name))) {
        acl.path("operations").forEach(operation -> rights.add(operation.asText()));
      }
    }
    return rights;
  }

  @Test
  void strimzi_topicsAreAllTopicsAndUsersHaveLeastRights(@TempDir Path folder) throws Exception {
    List<JsonNode> resources = rendered(folder, EVERYTHING);
    TopicNames topics = new TopicNames("maskstream");
    assertThat(ofKind(resources, "KafkaTopic"))
        .extracting(topic -> topic.at("/metadata/name").asText())
        .containsExactlyInAnyOrderElementsOf(topics.all());

    JsonNode ingest = find(resources, "KafkaUser", "maskstream-ingest");
    assertThat(rights(ingest, topics.frames())).containsExactlyInAnyOrder("Describe", "Write");
    assertThat(rights(ingest, topics.segmentedFrames())).containsExactly("Describe");
    assertThat(rights(ingest, topics.cameras()))
        .containsExactlyInAnyOrder("Describe", "Read", "Write");
    JsonNode segment = find(resources, "KafkaUser", "maskstream-segment");
    assertThat(rights(segment, topics.frames())).containsExactlyInAnyOrder("Describe", "Read");
    assertThat(rights(segment, topics.segmentedFrames())).contains("Write").doesNotContain("Read");
    assertThat(rights(segment, topics.rules()))
        .containsExactlyInAnyOrder("Describe", "Read", "Write");
    assertThat(rights(ingest, topics.rules())).containsExactly("Describe");
    JsonNode view = find(resources, "KafkaUser", "maskstream-view");
    assertThat(rights(view, topics.rules())).containsExactlyInAnyOrder("Describe", "Read", "Write");
    for (String topic : topics.all()) {
      assertThat(rights(view, topic)).doesNotContain("Create", "Delete", "Alter");
      assertThat(rights(view, topic).contains("Write"))
          .isEqualTo(
              Set.of(topics.cameras(), topics.modelOrders(), topics.rules()).contains(topic));
    }
    assertThat(rights(view, topics.modelReports())).containsExactlyInAnyOrder("Describe", "Read");
    JsonNode scaler = find(resources, "KafkaUser", "maskstream-scaler");
    assertThat(rights(scaler, topics.frames())).containsExactly("Describe");
  }

  @Test
  void gpuWorkers_haveMemoryForThePlanBuilderAndTimeToStart(@TempDir Path folder) throws Exception {
    JsonNode pod = pod(rendered(folder, EVERYTHING), "segment");
    JsonNode container = pod.path("containers").get(0);
    assertThat(container.path("image").asText()).endsWith("-gpu");
    assertThat(container.at("/resources/limits/memory").asText()).isEqualTo("12Gi");
    assertThat(container.at("/resources/limits/nvidia.com~1gpu").asText()).isEqualTo("1");
    assertThat(container.at("/startupProbe/failureThreshold").asInt()).isEqualTo(360);
    assertThat(pod.path("nodeSelector").toString()).contains("nvidia.com/gpu.present", "disk");
    assertThat(pod.path("tolerations").get(0).path("key").asText()).isEqualTo("nvidia.com/gpu");
    assertThat(container.path("volumeMounts").toString()).contains("/models");
  }

  @Test
  void scaling_isByDropsAndByLagWithAUserOfItsOwn(@TempDir Path folder) throws Exception {
    List<JsonNode> resources = rendered(folder, EVERYTHING);
    JsonNode spec = find(resources, "ScaledObject", "maskstream-segment").path("spec");
    assertThat(spec.path("maxReplicaCount").asInt()).isEqualTo(16);
    assertThat(spec.at("/triggers/0/metadata/query").asText())
        .contains("maskstream_frames_dropped_total{stage=\"segment\",namespace=\"video\"}")
        .contains("maskstream_frames_propagated_total{cause=\"overload\",namespace=\"video\"}");
    assertThat(spec.at("/triggers/1/metadata/sasl").asText()).isEqualTo("scram_sha512");
    String reference = spec.at("/triggers/1/authenticationRef/name").asText();
    JsonNode authentication = find(resources, "TriggerAuthentication", reference);
    Map<String, String> secrets = new LinkedHashMap<>();
    for (JsonNode entry : authentication.at("/spec/secretTargetRef")) {
      secrets.put(entry.path("parameter").asText(), entry.path("name").asText());
    }
    assertThat(secrets)
        .containsEntry("password", "maskstream-scaler")
        .containsEntry("ca", "maskstream-cluster-ca-cert")
        .containsKey("username");
    assertThat(
            find(resources, "Secret", secrets.get("username")).at("/stringData/username").asText())
        .isEqualTo("maskstream-scaler");
    assertThat(find(resources, "StatefulSet", "maskstream-segment").path("spec").has("replicas"))
        .isFalse();
  }

  @Test
  void page_hasUsersWithRolesACertificateAndAProxy(@TempDir Path folder) throws Exception {
    List<JsonNode> resources =
        rendered(
            folder,
            "view: {usersSecret: people, tlsSecret: certificate, ingress: {enabled: true},"
                + " settings: {proxy: {addresses: [10.0.0.1], operators: [ann]}}}");
    DeploymentConfig config = topology(resources, "view");
    assertThat(config.view().users()).contains(Path.of("/etc/maskstream-users/users"));
    assertThat(config.view().user()).isEmpty();
    assertThat(config.view().tls().orElseThrow().key())
        .contains(Path.of("/etc/maskstream-tls/tls.key"));
    assertThat(config.view().proxy().orElseThrow().operators()).containsExactly("ann");
    JsonNode pod = pod(resources, "view");
    assertThat(pod.path("volumes").findValuesAsText("secretName"))
        .contains("people", "certificate");
    assertThat(pod.at("/containers/0/volumeMounts").findValuesAsText("mountPath"))
        .contains("/etc/maskstream-users", "/etc/maskstream-tls");
    assertThat(pod.at("/containers/0/env").findValuesAsText("name"))
        .doesNotContain("VIEW_USER", "VIEW_PASSWORD");
    JsonNode port = find(resources, "Service", "maskstream-view").at("/spec/ports/0");
    assertThat(port.path("port").asInt()).isEqualTo(443);
    assertThat(
            find(resources, "Ingress", "maskstream-view")
                .at("/spec/rules/0/http/paths/0/backend/service/port/name"))
        .isEqualTo(port.path("name"));
    assertThat(ofKind(resources, "Secret")).isEmpty();
  }

  @Test
  void page_hasARandomPasswordWhereNoSecretIsNamed(@TempDir Path folder) throws Exception {
    String first = password(rendered(folder, "{}"));
    String second = password(rendered(folder, "{}"));
    assertThat(first).hasSizeGreaterThanOrEqualTo(32).isNotEqualTo(second);
    assertThat(ofKind(rendered(folder, "{view: {existingSecret: mine}}"), "Secret")).isEmpty();
  }

  private static String password(List<JsonNode> resources) throws IOException {
    return find(resources, "Secret", "maskstream-page").at("/data/password").asText();
  }
}
