package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.topic.TopicNames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of the chart that a user switches on. */
@Tag("go")
class HelmOptionsIT {
  private static final String HELD =
      """
      cameras:
        - {id: gate-1, urlSecret: {name: cameras, key: gate}, fps: 10, partition: 0}
      pictures: {place: process, heldBytes: 1000000}
      segment: {replicas: 1, settings: {maxAge: 800ms, redact: {classes: [pedestrian]}}}
      """;

  @BeforeAll
  static void buildHelm() throws Exception {
    HelmChartIT.buildHelm();
  }

  @Test
  void webhook_isThePages_andItsSecretIsInNoFile(@TempDir Path folder) throws Exception {
    List<JsonNode> resources = HelmChartIT.rendered(folder, HelmChartIT.EVERYTHING);
    assertThat(HelmChartIT.topology(resources, "segment").webhook()).isEmpty();
    String file =
        HelmChartIT.find(resources, "ConfigMap", "maskstream-view")
            .at("/data/topology.yaml")
            .asText();
    assertThat(file).contains("url: ${WEBHOOK_URL}", "secret: ${WEBHOOK_SECRET}");
    JsonNode pod = HelmChartIT.pod(resources, "view");
    assertThat(HelmChartIT.environment(pod))
        .containsEntry("WEBHOOK_URL", "https://secret-of-alarms-url")
        .containsEntry("WEBHOOK_SECRET", "secret-of-alarms-secret");
    assertThat(HelmChartIT.topology(resources, "view").webhook())
        .hasValueSatisfying(
            webhook -> {
              assertThat(webhook.secret().value()).isEqualTo("secret-of-alarms-secret");
              assertThat(webhook.timeout()).isEqualTo(Duration.ofSeconds(5));
            });
    for (String role : List.of("ingest", "segment")) {
      assertThat(HelmChartIT.pod(resources, role).toString()).doesNotContain("WEBHOOK");
    }
    JsonNode policy = HelmChartIT.find(resources, "NetworkPolicy", "maskstream-view");
    assertThat(policy.at("/spec/policyTypes").toString()).contains("Egress");
    assertThat(policy.at("/spec/egress/0/ports/0/port").asInt()).isEqualTo(443);
    String acls =
        HelmChartIT.find(resources, "KafkaUser", "maskstream-view")
            .at("/spec/authorization/acls")
            .toString();
    assertThat(acls).contains("\"maskstream-webhook\"", "DescribeConfigs");
  }

  @Test
  void withoutAWebhook_thePageHasNoWayOut(@TempDir Path folder) throws Exception {
    List<JsonNode> resources = HelmChartIT.rendered(folder, "{}");
    JsonNode policy = HelmChartIT.find(resources, "NetworkPolicy", "maskstream-view");
    assertThat(policy.at("/spec").has("egress")).isFalse();
    assertThat(HelmChartIT.topology(resources, "view").webhook()).isEmpty();
    assertThat(HelmChartIT.find(resources, "KafkaUser", "maskstream-view").toString())
        .doesNotContain("webhook");
  }

  /** Everything that is rendered fits together: the program itself would start with it. */
  @Test
  void picturesInTheProcess_areReadAndSegmentedByOnePod(@TempDir Path folder) throws Exception {
    List<JsonNode> resources = HelmChartIT.rendered(folder, HELD);
    for (JsonNode resource : resources) {
      TypedResources.validate(resource);
      assertThat(resource.at("/metadata/name").asText())
          .matches(
              name ->
                  !name.endsWith("-ingest")
                      || resource.path("kind").asText().equals("NetworkPolicy"));
    }
    JsonNode pod = HelmChartIT.pod(resources, "segment");
    assertThat(pod.at("/containers/0/args/3").asText()).isEqualTo("ingest,segment");
    DeploymentConfig segment = HelmChartIT.topology(resources, "segment");
    assertThat(segment.pictures().held()).isTrue();
    assertThat(segment.pictures().heldBytes()).isEqualTo(1_000_000);
    assertThat(segment.cameras())
        .singleElement()
        .satisfies(camera -> assertThat(camera.url().value()).isEqualTo("secret-of-cameras-gate"));
    assertThat(Deployment.problems(segment, EnumSet.of(Role.INGEST, Role.SEGMENT)))
        .noneMatch(problem -> problem.contains("pictures"));
    DeploymentConfig view = HelmChartIT.topology(resources, "view");
    assertThat(view.pictures().held()).isTrue();
    assertThat(view.segment().redact()).isPresent();
    assertThat(view.cameras()).isEmpty();
    JsonNode policy = HelmChartIT.find(resources, "NetworkPolicy", "maskstream-ingest");
    assertThat(policy.at("/spec/podSelector/matchLabels").toString()).contains("\"segment\"");
  }

  @Test
  void picturesInTheProcess_giveItsUserTheRightsOfBothRoles(@TempDir Path folder) throws Exception {
    List<JsonNode> resources = HelmChartIT.rendered(folder, HELD);
    TopicNames topics = new TopicNames("maskstream");
    JsonNode segment = HelmChartIT.find(resources, "KafkaUser", "maskstream-segment");
    assertThat(HelmChartIT.rights(segment, topics.frames()))
        .containsExactlyInAnyOrder("Describe", "Read", "Write");
    for (String topic : List.of(topics.drops(), topics.cameraStatus(), topics.redactedFrames())) {
      assertThat(HelmChartIT.rights(segment, topic)).as(topic).contains("Write");
    }
    assertThat(segment.at("/spec/authorization/acls").toString())
        .contains("\"maskstream-ingest\"", "\"maskstream\"");
    JsonNode view = HelmChartIT.find(resources, "KafkaUser", "maskstream-view");
    assertThat(HelmChartIT.rights(view, topics.redactedFrames())).contains("Read");
    assertThat(HelmChartIT.rights(view, topics.frames())).containsExactly("Describe");
  }
}
