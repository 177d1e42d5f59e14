package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.ChildJvm;
import io.maskstream.app.Maskstream;
import io.maskstream.camera.CameraRegistry;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ingest processes that share cameras, change them, and take them over from one another. */
class IngestGroupIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(40);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Set<String> CAMERAS = Set.of("a", "b", "c", "d", "e", "f");

  @TempDir private Path folder;
  private EmbeddedBroker broker;
  private KafkaConnection kafka;

  @BeforeEach
  void setUp() throws IOException {
    broker = EmbeddedBroker.start(Optional.empty(), 0);
    kafka = KafkaConnection.plain(broker.bootstrap());
  }

  @AfterEach
  void tearDown() {
    broker.close();
  }

  private String yaml() {
    StringBuilder yaml = new StringBuilder("name: share\nkafka: {bootstrap: '");
    yaml.append(broker.bootstrap()).append("'}\nmonitor: {port: 0}\ncameras:\n");
    for (String camera : CAMERAS) {
      yaml.append(
          "  - {id: %s, url: 'synthetic:street', fps: 5, width: 64, height: 48}%n"
              .formatted(camera));
    }
    return yaml.toString();
  }

  private Deployment ingest() throws Exception {
    DeploymentConfig config = YamlReader.parse("it.yaml", yaml(), DeploymentConfig.class, Map.of());
    return Deployment.start(config, Set.of(Role.INGEST));
  }

  private CameraRegistry registry() {
    return new CameraRegistry(kafka, DeploymentConfig.of("share", broker.bootstrap()).topics());
  }

  /** The epochs of each camera in the order of their first frames, with the number of frames. */
  private Map<String, Map<Long, Integer>> epochs() {
    Map<String, Map<Long, Integer>> epochs = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(kafka, "maskstream.frames")) {
      String camera = new String(record.key(), StandardCharsets.UTF_8);
      long epoch = FrameMetadata.of(camera, record.headers()).id().epoch();
      epochs.computeIfAbsent(camera, id -> new TreeMap<>()).merge(epoch, 1, Integer::sum);
    }
    return epochs;
  }

  private void awaitEpochs(int count, int frames) {
    await()
        .atMost(TIMEOUT)
        .pollInterval(POLL)
        .ignoreExceptionsInstanceOf(UnknownTopicOrPartitionException.class) // a child creates them
        .until(
            () ->
                epochs().size() == CAMERAS.size()
                    && epochs().values().stream()
                        .allMatch(e -> e.size() >= count && last(e) >= frames));
  }

  private static int last(Map<Long, Integer> epochs) {
    return ((TreeMap<Long, Integer>) epochs).lastEntry().getValue();
  }

  /** Once a newer connection is heard, no older one is: a camera has one reader at a time. */
  private void assertNoneInterleaved() {
    Map<String, Long> newest = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(kafka, "maskstream.frames")) {
      String camera = new String(record.key(), StandardCharsets.UTF_8);
      var id = FrameMetadata.of(camera, record.headers()).id();
      assertThat(id.epoch()).as(camera).isGreaterThanOrEqualTo(newest.getOrDefault(camera, 0L));
      newest.put(camera, id.epoch());
      assertThat(seen.add(camera + "/" + id.epoch() + "/" + id.sequence())).isTrue();
    }
  }

  @Test
  void twoProcesses_shareTheCameras_andAStopHandsThemOverAtOnce() throws Exception {
    Deployment first = ingest();
    awaitEpochs(1, 3);
    try (Deployment second = ingest()) {
      await().atMost(TIMEOUT).until(() -> reads(first).size() < 6 && reads(second).size() > 0);
      await().atMost(TIMEOUT).until(() -> reads(first).size() + reads(second).size() == 6);
      Set<String> stayed = reads(first);
      Map<String, Map<Long, Integer>> before = epochs();
      assertThat(before.entrySet().stream().filter(e -> stayed.contains(e.getKey())))
          .allMatch(e -> e.getValue().size() == 1); // those that stay go on undisturbed
      long start = System.nanoTime();
      first.close();
      await().atMost(TIMEOUT).until(() -> reads(second).equals(CAMERAS));
      Duration handover = Duration.ofNanos(System.nanoTime() - start);
      System.out.printf("a stop hands over within %d ms%n", handover.toMillis());
      awaitEpochs(2, 3);
    }
    assertNoneInterleaved();
  }

  /** Cameras of which a process delivers frames now. */
  private static Set<String> reads(Deployment deployment) {
    Set<String> all = new TreeSet<>(CAMERAS);
    all.removeIf(
        camera ->
            !deployment
                .metrics()
                .text()
                .contains("maskstream_camera_connected{camera=\"%s\",} 1.0".formatted(camera)));
    return all;
  }

  @Test
  void killedProcess_isReplacedWithinSeconds() throws Exception {
    Path file = Files.writeString(folder.resolve("share.yaml"), yaml());
    Process child =
        ChildJvm.startSilent(Maskstream.class, "run", file.toString(), "--roles", "ingest");
    try {
      awaitEpochs(1, 3);
      try (Deployment second = ingest()) {
        await().atMost(TIMEOUT).until(() -> !reads(second).isEmpty());
        long start = System.nanoTime();
        child.destroyForcibly().onExit().join(); // kill -9
        await().atMost(TIMEOUT).until(() -> reads(second).equals(CAMERAS));
        Duration takeover = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf("a killed process is replaced within %d ms%n", takeover.toMillis());
        assertThat(takeover).isLessThan(Duration.ofSeconds(10));
        awaitEpochs(2, 3);
      }
    } finally {
      child.destroyForcibly();
    }
    assertNoneInterleaved();
  }

  private static String ready(Deployment deployment) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(deployment.monitor() + "/readyz")).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  @Test
  void http_addsPausesAndRemovesACamera_andRefusesWhatBreaksARule() throws Exception {
    DeploymentConfig config =
        YamlReader.parse("it.yaml", yaml() + "view: {port: 0}\n", DeploymentConfig.class, Map.of());
    try (Deployment page = Deployment.start(config, Set.of(Role.INGEST, Role.VIEW))) {
      String registry = page.page().orElseThrow() + "/api/registry";
      String settings = "{\"url\": \"synthetic:street?seed=3\", \"fps\": 5}";
      assertThat(send("PUT", registry + "/h", settings).statusCode()).isEqualTo(204);
      await().atMost(TIMEOUT).until(() -> epochs().containsKey("h"));
      assertThat(send("POST", registry + "/h/pause", "").statusCode()).isEqualTo(204);
      assertThat(send("GET", registry, "").body())
          .contains("\"h\":{\"camera\":", "\"paused\":true");
      assertThat(send("DELETE", registry + "/h", "").statusCode()).isEqualTo(204);
      HttpResponse<String> refused = send("PATCH", registry + "/a", "{\"fps\": -1}");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("fps must be 0.00001 to 1000");
      String secret = "{\"url\": \"rtsp://user:hidden@host/\"}";
      HttpResponse<String> inClear = send("PUT", registry + "/i", secret);
      assertThat(inClear.statusCode()).isEqualTo(400);
      assertThat(inClear.body()).contains("in clear").doesNotContain("hidden");
    }
  }

  private static HttpResponse<String> send(String method, String url, String body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void changes_takeEffectAndTouchNoOtherCamera() throws Exception {
    CameraRegistry registry = registry();
    try (Deployment ingest = ingest()) {
      awaitEpochs(1, 3);
      registry.set("a", Map.of("width", 96));
      registry.pause("b", true);
      registry.remove("c");
      registry.add("g", Map.of("url", "synthetic:street?seed=2", "fps", 5));
      await().atMost(TIMEOUT).until(() -> epochs().get("a").size() == 2);
      await().atMost(TIMEOUT).until(() -> epochs().containsKey("g"));
      await().atMost(TIMEOUT).until(() -> reads(ingest).equals(Set.of("a", "d", "e", "f")));
      assertThat(ready(ingest)).contains("camera g").doesNotContain("camera c");
      registry.pause("b", false);
      await().atMost(TIMEOUT).until(() -> reads(ingest).contains("b"));
      await().atMost(TIMEOUT).until(() -> epochs().get("b").size() == 2);
      for (String untouched : List.of("d", "e", "f")) {
        assertThat(epochs().get(untouched)).hasSize(1);
      }
    }
    assertThat(registry.list().get("a").camera().settings()).containsEntry("width", 96);
    try (Deployment again = ingest()) { // the file is as it was, so the operator's changes stay
      await().atMost(TIMEOUT).until(() -> reads(again).contains("a"));
      assertThat(registry.list().get("a").camera().settings()).containsEntry("width", 96);
      assertThat(registry.list()).containsKeys("c", "g");
      assertThat(registry.list().get("a").owner()).contains("/");
    }
    assertNoneInterleaved();
  }
}
