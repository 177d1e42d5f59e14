package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.inference.TestBundles;
import io.maskstream.rollout.RolloutCommand;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicAdmin;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that are none of ours, before the start and after it, stop no reader of the topics. */
class ReadersIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final TopicNames TOPICS = new TopicNames("readers");

  @TempDir private Path folder;

  private static void send(KafkaConnection kafka, String topic, String key, byte[] value)
      throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(kafka.common(), new ByteArraySerializer(), new ByteArraySerializer())) {
      byte[] name = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(topic, name, value)).get();
    }
  }

  private static void hostile(KafkaConnection kafka) throws Exception {
    byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
    send(kafka, TOPICS.modelOrders(), "street", empty);
    send(kafka, TOPICS.modelOrders(), "street", "[[".getBytes(StandardCharsets.UTF_8));
    send(kafka, TOPICS.frames(), null, empty);
    send(kafka, TOPICS.drops(), null, empty);
    send(kafka, TOPICS.classTables(), "t", empty);
    send(kafka, TOPICS.segmentedFrames(), "a", empty);
  }

  private DeploymentConfig config(EmbeddedBroker broker, Path model) throws Exception {
    String yaml =
        """
        name: readers
        kafka: {bootstrap: '%s'}
        topics: {prefix: readers, partitions: 1}
        cameras: [{id: a, url: 'synthetic:street?seed=1', fps: 10, width: 96, height: 64}]
        segment: {model: '%s', maxAge: 5s}
        view: {port: 0}
        monitor: {port: 0}
        """
            .formatted(broker.bootstrap(), model);
    return YamlReader.parse("readers.yaml", yaml, DeploymentConfig.class, Map.of());
  }

  private static HttpResponse<String> get(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void hostileRecords_areSkippedAndCounted_ordersAndPageGoOn() throws Exception {
    Path one = TestBundles.write(folder.resolve("one"), "street", "1", 1);
    Path two = TestBundles.write(folder.resolve("two"), "street", "2", 1);
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0)) {
      DeploymentConfig config = config(broker, one);
      try (Admin admin = Admin.create(config.kafka().common())) {
        new TopicAdmin(admin).create(TopicSettings.defaults("readers").withPartitions(1));
      }
      hostile(config.kafka());
      try (Deployment deployment = Deployment.start(config, EnumSet.allOf(Role.class))) {
        hostile(config.kafka());
        String cameras = deployment.page().orElseThrow() + "/api/cameras";
        await().atMost(TIMEOUT).until(() -> get(cameras).body().contains("street 1"));
        send(
            config.kafka(),
            TOPICS.modelOrders(),
            "street",
            Json.write(
                new RolloutCommand(
                    "street",
                    one.toString(),
                    two.toString(),
                    one.toString(),
                    0,
                    0,
                    TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()),
                    false,
                    "test")));
        await().atMost(TIMEOUT).until(() -> get(cameras).body().contains("street 2"));
        String metrics = deployment.metrics().text();
        assertThat(metrics)
            .contains("maskstream_records_refused_total{topic=\"readers.model-orders\",} 4.0")
            .contains("maskstream_records_refused_total{topic=\"readers.frames\",} 1.0");
        HttpResponse<String> ready = get(deployment.monitor() + "/readyz");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(ready.body())
            .contains("\"model-orders\":{\"ok\":true")
            .contains("\"page feed\":{\"ok\":true")
            .contains("all roles have started");
      }
    }
  }

  @Test
  void readyz_isUnavailableUntilAllRolesHaveStarted() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0)) {
      int port;
      try (java.net.ServerSocket free = new java.net.ServerSocket(0)) {
        port = free.getLocalPort();
      }
      Path model = TestBundles.write(folder.resolve("one"), "street", "1", 1);
      DeploymentConfig config = config(broker, model);
      DeploymentConfig watched =
          config.withMonitor(io.maskstream.metrics.MonitorConfig.local(port));
      List<Integer> seen = new CopyOnWriteArrayList<>();
      AtomicBoolean started = new AtomicBoolean();
      Thread probe =
          new Thread(
              () -> {
                while (!started.get()) {
                  try {
                    seen.add(get("http://127.0.0.1:" + port + "/readyz").statusCode());
                  } catch (Exception e) {
                    // the port is not open yet
                  }
                }
              });
      probe.start();
      try (Deployment deployment =
          Deployment.start(watched, EnumSet.of(Role.SEGMENT, Role.INGEST))) {
        assertThat(deployment.page()).isEmpty();
        assertThat(seen).startsWith(503); // while the worker and the cameras were starting
        await()
            .atMost(TIMEOUT)
            .until(() -> get("http://127.0.0.1:" + port + "/readyz").statusCode() == 200);
      } finally {
        started.set(true);
        probe.join();
      }
    }
  }
}
