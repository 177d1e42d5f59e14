package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.camera.CameraRegistry;
import io.maskstream.config.YamlReader;
import io.maskstream.event.Event;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Zones and rules with a camera, a model and a broker. */
class ZoneEventsIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final TopicNames TOPICS = new TopicNames("it");

  private static final String TOPOLOGY =
      """
      name: it
      kafka: {bootstrap: embedded}
      topics: {prefix: it, partitions: 1}
      cameras:
        - id: street
          url: synthetic:street?seed=3
          fps: 4
          zones:
            - {name: near, polygon: [[0, 0.6], [1, 0.6], [1, 1], [0, 1]], regions: [road]}
      rules:
        - {name: road, zone: near, classes: [road], above: 0.1, hold: 500ms}
      segment: {maxAge: 3s}
      view: {port: 0}
      monitor: {port: 0}
      """;

  private static Stream<ClassStats> stats(Deployment deployment) {
    return TopicReader.readAll(deployment.kafka(), TOPICS.classStats()).stream()
        .map(record -> Json.read(record.value(), ClassStats.class));
  }

  @Test
  void zonesOfACamera_areMeasuredAndWatched_alsoWhenTheyChange() throws Exception {
    DeploymentConfig config = YamlReader.parse("it", TOPOLOGY, DeploymentConfig.class, Map.of());
    EnumSet<Deployment.Role> roles = EnumSet.of(Deployment.Role.INGEST, Deployment.Role.SEGMENT);
    try (Deployment deployment = Deployment.start(config, roles)) {
      await()
          .atMost(TIMEOUT)
          .until(() -> !TopicReader.readAll(deployment.kafka(), TOPICS.events()).isEmpty());
      Event event =
          Json.read(
              TopicReader.readAll(deployment.kafka(), TOPICS.events()).get(0).value(), Event.class);
      assertThat(event.type()).isEqualTo("io.maskstream.rule.started");
      assertThat(event.data().camera()).isEqualTo("street");
      assertThat(event.data().durationMillis()).isGreaterThanOrEqualTo(500);
      assertThat(stats(deployment)).allMatch(stats -> stats.zones().containsKey("near"));

      new CameraRegistry(deployment.kafka(), config.topics())
          .set("street", Map.of("zones", List.of(zone("far"))));
      await()
          .atMost(TIMEOUT)
          .until(() -> stats(deployment).anyMatch(stats -> stats.zones().containsKey("far")));
    }
  }

  private static Map<String, Object> zone(String name) {
    List<List<Double>> polygon = List.of(List.of(0.2, 0.2), List.of(0.8, 0.2), List.of(0.8, 0.4));
    return Map.of("name", name, "polygon", polygon);
  }
}
