package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.ChildJvm;
import io.maskstream.app.Maskstream;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.event.Event;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that operators change over HTTP while cameras, a worker and a broker run. */
class RuleChangesIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final TopicNames TOPICS = new TopicNames("change");

  private static final String TOPOLOGY =
      """
      name: change
      kafka: {bootstrap: '%s'}
      topics: {prefix: change, partitions: 1}
      cameras:
        - id: street
          url: synthetic:street?seed=3
          fps: 4
          zones:
            - {name: near, polygon: [[0, 0.6], [1, 0.6], [1, 1], [0, 1]]}
      segment: {maxAge: 3s, guarantee: exactly-once}
      view: {port: 0}
      monitor: {port: 0}
      rules: %s
      """;

  private static final String ROAD =
      "{\"zone\": \"near\", \"classes\": [\"road\"], \"above\": %s, \"hold\": \"500ms\"}";

  private static final EnumSet<Role> WORK = EnumSet.of(Role.INGEST, Role.SEGMENT);

  private final HttpClient client = HttpClient.newHttpClient();
  private String page = "";
  private Deployment view;
  private Process worker;

  @AfterEach
  void tearDown() {
    if (worker != null) {
      worker.destroyForcibly();
    }
  }

  private static DeploymentConfig config(EmbeddedBroker broker, String rules) throws Exception {
    String yaml = TOPOLOGY.formatted(broker.bootstrap(), rules);
    return YamlReader.parse("it", yaml, DeploymentConfig.class, Map.of());
  }

  private HttpResponse<String> send(String method, String rule, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(page + "/api/rules" + rule))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private void change(String method, String rule, String body) throws Exception {
    HttpResponse<String> answer = send(method, "/" + rule, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
  }

  private void refused(String body, String message) throws Exception {
    HttpResponse<String> answer = send("PUT", "/road", body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(message);
  }

  private List<Event> events() {
    return TopicReader.readAll(view.kafka(), TOPICS.events()).stream()
        .map(record -> Json.read(record.value(), Event.class))
        .filter(event -> !event.notice().equals("ongoing"))
        .toList();
  }

  private void awaitNotices(String... notices) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> assertThat(events()).extracting(Event::notice).containsExactly(notices));
  }

  @Test
  void ruleIsAdded_changedAndRemoved_andItsEventsBeginAndEnd() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0);
        Deployment started = Deployment.start(config(broker, "[]"), EnumSet.of(Role.VIEW))) {
      view = started;
      page = view.page().orElseThrow();
      try (Deployment working = Deployment.start(config(broker, "[]"), WORK)) {
        change("PUT", "road", ROAD.formatted(0.1));
        awaitNotices("started");
        wrongRulesAreRefused();
        change("PUT", "road", ROAD.formatted(0.05));
        awaitNotices("started", "ended", "started");
        assertThat(working.metrics().text()).contains("rule=\"road\",notice=\"ended\",} 1.0");
      }
      change("DELETE", "road", ""); // while no worker runs
      try (Deployment working =
          Deployment.start(
              config(broker, "[{name: sky, classes: [sky], below: 0, hold: 5s}]"), WORK)) {
        awaitNotices("started", "ended", "started", "ended");
        assertThat(working.metrics().text()).contains("rule=\"road\",notice=\"ended\",} 1.0");
        assertThat(send("GET", "", "").body())
            .contains("\"name\":\"sky\"", "\"origin\":\"file\"")
            .doesNotContain("road");
      }
      List<Event> events = events();
      assertThat(events.get(1).data().event()).isEqualTo(events.get(0).data().event());
      assertThat(events.get(3).data().event()).isEqualTo(events.get(2).data().event());
      assertThat(events.get(3).data().ruleVersion())
          .isEqualTo(events.get(2).data().ruleVersion())
          .isNotEqualTo(events.get(0).data().ruleVersion());
      assertThat(events.get(3).data().zone()).isEqualTo("near");
    }
  }

  @Test
  void workerIsKilled_whenItsRuleChanges_theOpenEventEndsOnceAndTheNewOneBeginsOnce(
      @TempDir Path folder) throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0);
        Deployment started = Deployment.start(config(broker, "[]"), EnumSet.of(Role.VIEW))) {
      view = started;
      page = view.page().orElseThrow();
      Path file = folder.resolve("change.yaml");
      Files.writeString(file, TOPOLOGY.formatted(broker.bootstrap(), "[]"));
      change("PUT", "road", ROAD.formatted(0.1));
      startWorker(file);
      awaitNotices("started");
      change("PUT", "road", ROAD.formatted(0.05));
      kill(); // before, while or after it ends the event
      startWorker(file);
      awaitNotices("started", "ended", "started");
      TimeUnit.SECONDS.sleep(2);
      awaitNotices("started", "ended", "started");
      List<Event.Data> events = events().stream().map(Event::data).toList();
      assertThat(events.get(1).event()).isEqualTo(events.get(0).event());
      assertThat(events.get(2).event()).isNotEqualTo(events.get(0).event());
      assertThat(events.get(1).ruleVersion())
          .isEqualTo(events.get(0).ruleVersion())
          .isNotEqualTo(events.get(2).ruleVersion());
    }
  }

  private void startWorker(Path file) throws IOException {
    worker =
        ChildJvm.startSilent(Maskstream.class, "run", file.toString(), "--roles", "ingest,segment");
  }

  private void kill() throws InterruptedException {
    worker.destroyForcibly(); // kill -9
    worker.waitFor();
  }

  private void wrongRulesAreRefused() throws Exception {
    refused(ROAD.formatted("\"much\""), "rule road: above: must be a number, is 'much'");
    refused(
        "{\"zone\": \"far\", \"classes\": [\"road\"], \"above\": 0.1}",
        "rule road: zone: no camera has a zone far");
    refused(
        "{\"cameras\": [\"yard\"], \"classes\": [\"road\"], \"above\": 0.1}",
        "rule road: cameras: no camera is called yard, there are [street]");
    refused(
        "{\"classes\": [\"raod\"], \"above\": 0.1}",
        "rule road: classes: no model has the class raod, there are [");
    refused("{\"measure\": \"unknown\", \"above\": 0.1}", "needs segment.unknown");
    assertThat(send("DELETE", "/none", "").body()).isEqualTo("there is no rule 'none'");
    assertThat(send("GET", "", "").body()).contains("\"above\":0.1", "\"origin\":\"page\"");
  }
}
