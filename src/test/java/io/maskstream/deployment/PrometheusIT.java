package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.sun.net.httpserver.HttpServer;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.frame.FrameId;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.PictureCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules, alerts and dashboards in a real Prometheus that watches a real deployment under load. */
class PrometheusIT {
  private static final Path RULES = PrometheusProcess.RULES;
  private static final Path RULE_TESTS = Path.of("deploy/prometheus/maskstream-rules-test.yml");
  private static final Path DASHBOARDS = Path.of("deploy/grafana/dashboards");
  private static final Duration TIMEOUT = Duration.ofSeconds(40);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private static DeploymentConfig config(KafkaConnection kafka) throws Exception {
    String yaml =
        """
        name: watched
        kafka: {bootstrap: %s}
        topics: {prefix: watched, partitions: 2}
        cameras:
          - id: a
            url: synthetic:street?seed=1
            fps: 60
            partition: 0
            zones: [{name: near, polygon: [[0, 0.6], [1, 0.6], [1, 1], [0, 1]]}]
          - {id: b, url: 'synthetic:street?seed=2', fps: 60, partition: 1}
          - {id: dead, url: 'rtsp://127.0.0.1:9/none'}
        rules: [{name: road, zone: near, cameras: [a], classes: [road], above: 0.01, hold: 0s}]
        segment: {maxAge: 300ms}
        view: {port: 0}
        monitor: {port: 0}
        """
            .formatted(kafka.bootstrap());
    return YamlReader.parse("watched.yaml", yaml, DeploymentConfig.class, Map.of());
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  @Test
  @Tag("prometheus")
  void rules_passPromtool() throws Exception {
    assertThat(run("promtool", "check", "rules", RULES.toString())).contains("SUCCESS");
    assertThat(run("promtool", "test", "rules", RULE_TESTS.toString())).contains("SUCCESS");
  }

  /** Every alert has a section of its name in the runbook, and fires in promtool's file. */
  @Test
  void alerts_haveRunbookAndTest() throws Exception {
    String runbook = Files.readString(Path.of("docs/operations.md"));
    Set<String> fire = new HashSet<>();
    for (JsonNode test : YAML.readTree(RULE_TESTS.toFile()).path("tests")) {
      for (JsonNode expected : test.path("alert_rule_test")) {
        if (!expected.path("exp_alerts").isEmpty()) {
          fire.add(expected.path("alertname").asText());
        }
      }
    }
    List<String> alerts =
        Files.readAllLines(RULES).stream()
            .filter(line -> line.contains("- alert: "))
            .map(line -> line.substring(line.indexOf(": ") + 2).trim())
            .toList();
    assertThat(alerts).hasSizeGreaterThan(10);
    for (String alert : alerts) {
      assertThat(runbook).contains("### " + alert + "\n");
    }
    assertThat(fire).containsExactlyInAnyOrderElementsOf(alerts);
  }

  /** The dashboards by the names of their files. */
  private static Map<String, JsonNode> boards() throws IOException {
    Map<String, JsonNode> boards = new TreeMap<>();
    try (Stream<Path> listed = Files.list(DASHBOARDS)) {
      for (Path file : listed.toList()) {
        boards.put(file.getFileName().toString(), JSON.readTree(file.toFile()));
      }
    }
    return boards;
  }

  /** Queries of all dashboards by panel or annotation. */
  private static Map<String, String> queries() throws IOException {
    Map<String, String> queries = new LinkedHashMap<>();
    boards()
        .forEach(
            (file, board) -> {
              for (JsonNode panel : board.path("panels")) {
                for (JsonNode target : panel.path("targets")) {
                  add(queries, file + ": " + panel.path("title").asText(), target);
                }
              }
              for (JsonNode annotation : board.path("annotations").path("list")) {
                add(queries, file + ": annotation " + annotation.path("name").asText(), annotation);
              }
            });
    return queries;
  }

  private static void add(Map<String, String> queries, String where, JsonNode target) {
    String query =
        target.path("expr").asText().replace("$__rate_interval", "10s").replace("$camera", "a");
    queries.put(where + ": " + query, query);
  }

  @Test
  void panels_haveUnits_andPlacesOfTheirOwn() throws IOException {
    boards()
        .forEach(
            (file, board) -> {
              Set<String> places = new HashSet<>();
              Set<Integer> ids = new HashSet<>();
              for (JsonNode panel : board.path("panels")) {
                String where = file + ": " + panel.path("title").asText();
                assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(where).isNotBlank();
                assertThat(places.add(panel.path("gridPos").toString())).as(where).isTrue();
                assertThat(ids.add(panel.path("id").asInt())).as(where).isTrue();
              }
              assertThat(ids).as(file).isNotEmpty();
            });
  }

  @Test
  @Tag("prometheus")
  void dashboardsAndAlerts_underLoad_haveDataAndFire(@TempDir Path folder) throws Exception {
    EmbeddedBroker broker = EmbeddedBroker.start(java.util.Optional.empty(), 0);
    KafkaConnection kafka = KafkaConnection.plain(broker.bootstrap());
    Deployment deployment = Deployment.start(config(kafka), Deployment.allRoles());
    String target = URI.create(deployment.monitor()).getAuthority();
    try (PrometheusProcess prometheus = PrometheusProcess.start(folder, target)) {
      Map<String, String> queries = queries();
      assertThat(queries).hasSizeGreaterThan(40);
      queries.forEach(
          (where, query) ->
              await()
                  .atMost(TIMEOUT)
                  .ignoreExceptions()
                  .untilAsserted(
                      () -> assertThat(prometheus.series(query)).as(where).isPositive()));
      for (String rule :
          List.of(
              "maskstream:frames_read:rate1m",
              "maskstream:frames_segmented:rate1m",
              "maskstream:frames_dropped:rate1m",
              "maskstream:drop_ratio:rate5m",
              "maskstream:latency_seconds:p50_5m",
              "maskstream:latency_seconds:p99_5m")) {
        await()
            .atMost(TIMEOUT)
            .untilAsserted(() -> assertThat(prometheus.series(rule)).as(rule).isPositive());
      }
      await()
          .atMost(TIMEOUT)
          .until(
              () ->
                  prometheus
                      .firing()
                      .containsAll(List.of("MaskstreamCameraDown", "MaskstreamFramesDropped")));
      assertThat(prometheus.firing())
          .doesNotContain(
              "MaskstreamProcessDown",
              "MaskstreamBrokerUnreachable",
              "MaskstreamStreamThreadDead",
              "MaskstreamDeadLetters");
      broker.close();
      await()
          .atMost(TIMEOUT)
          .until(
              () ->
                  prometheus
                      .firing()
                      .containsAll(
                          List.of("MaskstreamBrokerUnreachable", "MaskstreamSendFailures")));
      deployment.close();
      await().atMost(TIMEOUT).until(() -> prometheus.firing().contains("MaskstreamProcessDown"));
      System.out.println("queries with data: " + queries.size());
    } finally {
      deployment.close();
    }
  }

  private static Deployment start(String yaml, Set<Deployment.Role> roles) throws Exception {
    return Deployment.start(
        YamlReader.parse("alerts.yaml", yaml, DeploymentConfig.class, Map.of()), roles);
  }

  /** A camera over HTTP that gives some pictures at each connection, then ends or hangs. */
  private static HttpServer cameras(CountDownLatch end) throws IOException {
    byte[] jpeg =
        PictureCodec.encode(
            new SyntheticStreet(3, 160, 120).at(Duration.ZERO).picture(), ContentType.JPEG, 80);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    for (boolean hangs : new boolean[] {true, false}) {
      server.createContext(
          hangs ? "/hangs" : "/ends",
          exchange -> {
            exchange
                .getResponseHeaders()
                .add("Content-Type", "multipart/x-mixed-replace; boundary=picture");
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
              for (int i = 0; i < 60; i++) {
                String head =
                    "--picture\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
                        .formatted(jpeg.length);
                out.write(head.getBytes(StandardCharsets.US_ASCII));
                out.write(jpeg);
                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
              }
              if (hangs) {
                end.await();
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    server.start();
    return server;
  }

  /** Sends frames of a camera that reconnects with each, and one record that is no frame. */
  private static void sendJumpyCamera(KafkaConnection kafka, String topic) throws Exception {
    byte[] jpeg =
        PictureCodec.encode(
            new SyntheticStreet(3, 160, 120).at(Duration.ZERO).picture(), ContentType.JPEG, 80);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(kafka.common(), new ByteArraySerializer(), new ByteArraySerializer())) {
      byte[] key = "jumpy".getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 60; i++) {
        long micros = System.currentTimeMillis() * 1_000;
        ProducerRecord<byte[], byte[]> frame = new ProducerRecord<>(topic, 1, key, jpeg);
        new FrameMetadata(new FrameId("x", i, 0, micros), 160, 120, ContentType.JPEG)
            .writeTo(frame.headers());
        producer.send(frame).get();
        TimeUnit.MILLISECONDS.sleep(200); // over several scrapes, so that an increase is seen
      }
      producer.send(new ProducerRecord<>(topic, 1, key, new byte[] {1, 2, 3})).get();
    }
  }

  /** Those that neither the other test nor {@link EventAlertsIT} makes happen. */
  @Test
  @Tag("prometheus")
  void everyOtherAlert_whenItsCauseHappens_fires(@TempDir Path folder) throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    HttpServer http = cameras(end);
    String address = "http://127.0.0.1:" + http.getAddress().getPort();
    try (EmbeddedBroker broker = EmbeddedBroker.start(java.util.Optional.empty(), 0)) {
      KafkaConnection kafka = KafkaConnection.plain(broker.bootstrap());
      String behind =
          """
          name: behind
          kafka: {bootstrap: '%s'}
          topics: {prefix: behind, partitions: 2}
          cameras: [{id: fast, url: 'synthetic:street?seed=1', fps: 120, partition: 0}]
          segment: {threads: 2, maxAge: none}
          monitor: {port: 0}
          """
              .formatted(broker.bootstrap());
      String alone =
          """
          name: alone
          kafka: {bootstrap: '%s'}
          topics: {prefix: alone}
          cameras:
            - {id: lonely, url: 'synthetic:street?seed=2', fps: 2}
            - {id: hangs, url: '%s/hangs', timeout: 90s}
            - {id: ends, url: '%s/ends', reconnectDelay: 100ms, maxReconnectDelay: 100ms}
          monitor: {port: 0}
          """
              .formatted(broker.bootstrap(), address, address);
      try (Deployment worker = start(behind, EnumSet.of(Role.INGEST, Role.SEGMENT));
          Deployment ingest = start(alone, EnumSet.of(Role.INGEST));
          PrometheusProcess prometheus =
              PrometheusProcess.start(
                  folder,
                  URI.create(worker.monitor()).getAuthority(),
                  URI.create(ingest.monitor()).getAuthority())) {
        sendJumpyCamera(kafka, "behind.frames");
        for (String alert :
            List.of(
                "MaskstreamNothingSegmented",
                "MaskstreamConsumerLag",
                "MaskstreamLatencyHigh",
                "MaskstreamDeadLetters",
                "MaskstreamBankResets",
                "MaskstreamCameraFlapping",
                "MaskstreamCameraSilent")) {
          await()
              .atMost(TIMEOUT)
              .untilAsserted(() -> assertThat(prometheus.firing()).contains(alert));
        }
        assertThat(prometheus.firing()).doesNotContain("MaskstreamStreamThreadDead");
        try (Admin admin = Admin.create(kafka.common())) {
          // Masks do not fit any more: a thread fails with each, and so does the one after it.
          ConfigResource masks =
              new ConfigResource(ConfigResource.Type.TOPIC, "behind.segmented-frames");
          AlterConfigOp small =
              new AlterConfigOp(
                  new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, "100"),
                  AlterConfigOp.OpType.SET);
          admin.incrementalAlterConfigs(Map.of(masks, List.of(small))).all().get();
        }
        await()
            .dontCatchUncaughtExceptions() // they are the cause
            .atMost(TIMEOUT)
            .untilAsserted(
                () -> assertThat(prometheus.firing()).contains("MaskstreamStreamThreadDead"));
      }
    } finally {
      end.countDown();
      http.stop(0);
    }
  }
}
