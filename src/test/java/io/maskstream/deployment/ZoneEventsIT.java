package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.maskstream.camera.CameraRegistry;
import io.maskstream.config.YamlReader;
import io.maskstream.event.Event;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
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
      webhook: {url: 'http://127.0.0.1:%d/alarm', secret: 'sixteen letters!'}
      view: {port: 0}
      monitor: {port: 0}
      """;

  private static Stream<ClassStats> stats(Deployment deployment) {
    return TopicReader.readAll(deployment.kafka(), TOPICS.classStats()).stream()
        .map(record -> Json.read(record.value(), ClassStats.class));
  }

  @Test
  void zonesOfACamera_areMeasuredAndWatched_alsoWhenTheyChange() throws Exception {
    List<String> called = new CopyOnWriteArrayList<>();
    HttpServer webhook = webhook(called);
    String yaml = TOPOLOGY.formatted(webhook.getAddress().getPort());
    DeploymentConfig config = YamlReader.parse("it", yaml, DeploymentConfig.class, Map.of());
    try (Deployment deployment = Deployment.start(config, Deployment.allRoles())) {
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

      await().atMost(TIMEOUT).until(() -> !called.isEmpty());
      assertThat(called.get(0)).contains(event.id());
      await()
          .atMost(TIMEOUT)
          .until(() -> deployment.metrics().text().contains("outcome=\"delivered\",} 1.0"));

      new CameraRegistry(deployment.kafka(), config.topics())
          .set("street", Map.of("zones", List.of(zone("far"))));
      await()
          .atMost(TIMEOUT)
          .until(() -> stats(deployment).anyMatch(stats -> stats.zones().containsKey("far")));
    } finally {
      webhook.stop(0);
    }
  }

  private static HttpServer webhook(List<String> called) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(any, 0);
    server.createContext(
        "/alarm",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          called.add(new String(body, StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static Map<String, Object> zone(String name) {
    List<List<Double>> polygon = List.of(List.of(0.2, 0.2), List.of(0.8, 0.2), List.of(0.8, 0.4));
    return Map.of("name", name, "polygon", polygon);
  }
}
