package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.frame.FrameId;
import io.maskstream.metrics.SpanCollector;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.TraceHeader;
import io.maskstream.topic.v1.SegmentedFrame;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole path in one process: drawn cameras, a real broker, the committed model. */
class DeploymentIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final int FRAMES = 40;

  private static DeploymentConfig config(String guarantee, String maxAge) throws Exception {
    return config(guarantee, maxAge, "");
  }

  private static DeploymentConfig config(String guarantee, String maxAge, String monitor)
      throws Exception {
    String yaml =
        """
        name: it
        kafka: {bootstrap: embedded}
        topics: {prefix: it, partitions: 2}
        cameras:
          - {id: a, url: 'synthetic:street?seed=1', fps: 60, maxFrames: %d, partition: 0}
          - {id: b, url: 'synthetic:street?seed=2', fps: 60, maxFrames: %d, partition: 1}
        segment: {guarantee: %s, %s}
        view: {port: 0}
        monitor: {port: 0%s}
        """
            .formatted(FRAMES, FRAMES, guarantee, maxAge, monitor);
    return YamlReader.parse("it.yaml", yaml, DeploymentConfig.class, Map.of());
  }

  /** Overload on purpose: 120 frames per second, more than the machine can do. */
  @Test
  void liveTopology_overloaded_accountsForEveryFrame() throws Exception {
    TopicNames topics = new TopicNames("it");
    try (SpanCollector collector = new SpanCollector();
        Deployment deployment =
            Deployment.start(
                config(
                    "at-least-once",
                    "maxAge: 300ms",
                    ", traces: {endpoint: '%s', sample: 1}".formatted(collector.endpoint())),
                EnumSet.of(Role.SEGMENT, Role.VIEW))) {
      deployment.startCameras(UnaryOperator.identity());
      await().atMost(TIMEOUT).until(deployment::camerasFinished);
      await()
          .atMost(TIMEOUT)
          .until(
              () ->
                  TopicReader.readAll(deployment.kafka(), topics.segmentedFrames()).size()
                          + TopicReader.readAll(deployment.kafka(), topics.drops()).size()
                      == 2 * FRAMES);
      assertThat(TopicReader.readAll(deployment.kafka(), topics.frames())).hasSize(2 * FRAMES);
      assertThat(TopicReader.readAll(deployment.kafka(), topics.deadLetters())).isEmpty();
      assertThat(TopicReader.readAll(deployment.kafka(), topics.classTables())).hasSize(1);
      checkPage(deployment.page().orElseThrow());
      checkMonitor(deployment.monitor());
      checkTraces(deployment, collector);
    }
  }

  private static void checkPage(String page) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    assertThat(get(client, page + "/").body()).contains("<title>Maskstream</title>");
    await() // the page reads the topics as any consumer, so it is a little behind
        .atMost(TIMEOUT)
        .until(() -> get(client, page + "/api/cameras").body().contains("\"camera\":\""));
    String cameras = get(client, page + "/api/cameras").body(); // all of one may be stale
    String camera = cameras.contains("\"camera\":\"a\"") ? "a" : "b";
    HttpResponse<String> picture = get(client, page + "/api/cameras/" + camera + "/picture");
    assertThat(picture.headers().firstValue("content-type")).contains("image/jpeg");
    HttpResponse<String> mask = get(client, page + "/api/cameras/" + camera + "/mask");
    assertThat(mask.headers().firstValue("content-type")).contains("image/png");
    assertThat(get(client, page + "/api/cameras/" + camera + "/history").body())
        .contains("\"shares\":[0.");
    assertThat(get(client, page + "/api/tables/camvid11").body()).contains("vulnerable road user");
    assertThat(get(client, page + "/").headers().firstValue("content-security-policy"))
        .hasValueSatisfying(policy -> assertThat(policy).doesNotContain("unsafe"));
    assertThat(get(client, page + "/api/cameras/none/picture").statusCode()).isEqualTo(404);
  }

  /** Each frame is one trace, from the camera to its outcome; masks carry its id. */
  private static void checkTraces(Deployment deployment, SpanCollector collector) throws Exception {
    await().atMost(TIMEOUT).until(() -> traces(collector, "ingest").size() == 2 * FRAMES);
    await().atMost(TIMEOUT).until(() -> traces(collector, "segment").size() == 2 * FRAMES);
    assertThat(traces(collector, "segment")).isEqualTo(traces(collector, "ingest"));
    for (ConsumerRecord<byte[], byte[]> record :
        TopicReader.readAll(deployment.kafka(), new TopicNames("it").segmentedFrames())) {
      SegmentedFrame mask = SegmentedFrame.parseFrom(record.value());
      FrameId id =
          new FrameId(
              mask.getCamera(), mask.getEpoch(), mask.getSequence(), mask.getCaptureMicros());
      assertThat(TraceHeader.of(record.headers()).orElseThrow()).contains(id.traceId());
    }
  }

  /** Ids of the traces that have a span of this name; one for each span. */
  private static List<String> traces(SpanCollector collector, String name) {
    return collector.spans().stream()
        .filter(span -> span.getName().equals(name))
        .map(SpanCollector::traceId)
        .sorted()
        .toList();
  }

  private static void checkMonitor(String monitor) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    assertThat(get(client, monitor + "/metrics").body())
        .contains("maskstream_frames_read_total{camera=\"a\",} 40.0")
        .contains("maskstream_stream_threads_alive{client=\"worker\",}")
        .contains("maskstream_model_info{model=\"street-ssa\"");
    HttpResponse<String> ready = get(client, monitor + "/readyz");
    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(ready.body()).contains("\"camera a\":{\"ok\":true").contains("\"broker\"");
    assertThat(get(client, monitor + "/healthz").statusCode()).isEqualTo(200);
  }

  /**
   * The broker goes: the process reports that it is not ready and goes on; nothing asks for a
   * restart.
   */
  @Test
  void brokerGone_isToldByReadyzAndNotByHealthz() throws Exception {
    DeploymentConfig config = config("at-least-once", "maxAge: 300ms");
    HttpClient client = HttpClient.newHttpClient();
    EmbeddedBroker broker = EmbeddedBroker.start(java.util.Optional.empty(), 0);
    try (Deployment deployment =
        Deployment.start(
            config.withKafka(KafkaConnection.plain(broker.bootstrap())), Set.of(Role.INGEST))) {
      assertThat(get(client, deployment.monitor() + "/readyz").statusCode()).isEqualTo(200);
      broker.close();
      await()
          .atMost(TIMEOUT)
          .until(() -> get(client, deployment.monitor() + "/readyz").statusCode() == 503);
      assertThat(get(client, deployment.monitor() + "/readyz").body()).contains("does not answer");
      assertThat(get(client, deployment.monitor() + "/healthz").statusCode()).isEqualTo(200);
      assertThat(get(client, deployment.monitor() + "/metrics").body())
          .contains("maskstream_broker_reachable 0.0");
    }
  }

  private static HttpResponse<String> get(HttpClient client, String url) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"at-least-once", "exactly-once"})
  void replayTopology_workerRestarted_losesNothingAndGoesOnWithTheBank(String guarantee)
      throws Exception {
    DeploymentConfig config = config(guarantee, "maxAge: none");
    TopicNames topics = new TopicNames("it");
    try (EmbeddedBroker broker = EmbeddedBroker.start(java.util.Optional.empty(), 0)) {
      DeploymentConfig external = config.withKafka(KafkaConnection.plain(broker.bootstrap()));
      try (Deployment first = Deployment.start(external, Set.of(Role.INGEST, Role.SEGMENT))) {
        await()
            .atMost(TIMEOUT)
            .until(() -> TopicReader.readAll(first.kafka(), topics.segmentedFrames()).size() > 10);
        await().atMost(TIMEOUT).until(first::camerasFinished);
      }
      KafkaConnection kafka = KafkaConnection.plain(broker.bootstrap());
      try (Deployment second = Deployment.start(external, Set.of(Role.SEGMENT))) {
        await()
            .atMost(TIMEOUT)
            .until(
                () ->
                    distinct(TopicReader.readAll(second.kafka(), topics.segmentedFrames()))
                        == 2 * FRAMES);
      }
      List<ConsumerRecord<byte[], byte[]>> records =
          TopicReader.readAll(kafka, topics.segmentedFrames());
      if (guarantee.equals("exactly-once")) {
        assertThat(records).hasSize(2 * FRAMES);
      }
      for (ConsumerRecord<byte[], byte[]> record : records) {
        SegmentedFrame frame = SegmentedFrame.parseFrom(record.value());
        // One reset at the start: the second worker went on with the first one's bank.
        assertThat(frame.getReuse().getFramesSinceReset()).isEqualTo(frame.getSequence() + 1);
      }
    }
  }

  private static int distinct(List<ConsumerRecord<byte[], byte[]>> records) {
    Set<String> keys = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      try {
        SegmentedFrame frame = SegmentedFrame.parseFrom(record.value());
        keys.add(frame.getCamera() + frame.getEpoch() + "/" + frame.getSequence());
      } catch (com.google.protobuf.InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
    return keys.size();
  }
}
