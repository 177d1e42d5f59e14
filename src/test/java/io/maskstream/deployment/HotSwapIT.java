package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.app.Maskstream;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.inference.TestBundles;
import io.maskstream.rollout.RolloutReport;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.v1.SegmentedFrame;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models changed by command while cameras run over a real broker. */
class HotSwapIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final TopicNames TOPICS = new TopicNames("swap");

  @TempDir private Path folder;

  private static int swap(Object... arguments) {
    List<String> words = new ArrayList<>(List.of("swap"));
    for (Object argument : arguments) {
      words.add(argument.toString());
    }
    return Maskstream.commandLine().execute(words.toArray(new String[0]));
  }

  private static List<SegmentedFrame> masks(Deployment deployment, String camera) {
    List<SegmentedFrame> frames = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record :
        TopicReader.readAll(deployment.kafka(), TOPICS.segmentedFrames())) {
      try {
        SegmentedFrame frame = SegmentedFrame.parseFrom(record.value());
        if (frame.getCamera().equals(camera)) {
          frames.add(frame);
        }
      } catch (com.google.protobuf.InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
    return frames;
  }

  private static String lastModel(Deployment deployment, String camera) {
    List<SegmentedFrame> frames = masks(deployment, camera);
    SegmentedFrame last = frames.get(frames.size() - 1);
    return last.getModel() + "@" + last.getModelVersion();
  }

  @Test
  void swap_trialRollbackAndSecondModel_underLoad_losesNoFrame() throws Exception {
    Path one = TestBundles.write(folder.resolve("one"), "street", "1", 1);
    Path two = TestBundles.write(folder.resolve("two"), "street", "2", 1);
    Path bad = TestBundles.write(folder.resolve("bad"), "street", "3", 99);
    Path other = TestBundles.write(folder.resolve("other"), "yard", "7", 5);
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0)) {
      Path file = folder.resolve("topology.yaml");
      Files.writeString(
          file,
          """
          name: swap
          kafka: {bootstrap: '%s'}
          topics: {prefix: swap, partitions: 2}
          cameras:
            - {id: a, url: 'synthetic:street?seed=1', fps: 30, width: 96, height: 64, partition: 0}
            - {id: b, url: 'synthetic:street?seed=2', fps: 30, width: 96, height: 64, partition: 1}
          segment:
            model: '%s'
            models: [{model: '%s', cameras: [b]}]
            maxAge: 2s
          monitor: {port: 0}
          """
              .formatted(broker.bootstrap(), one, other));
      DeploymentConfig config = YamlReader.read(file, DeploymentConfig.class, Map.of());
      try (Deployment deployment = Deployment.start(config, Set.of(Role.SEGMENT, Role.INGEST))) {
        deployment.awaitReady();
        await().atMost(TIMEOUT).until(() -> masks(deployment, "a").size() > 5);

        assertThat(swap(file, two, "--shadow", 1, "--agreement", 0.5)).isZero();
        await().atMost(TIMEOUT).until(() -> lastModel(deployment, "a").equals("street@2"));

        assertThat(swap(file, bad, "--shadow", 1, "--agreement", 0.99)).isEqualTo(1);
        assertThat(swap(file, folder.resolve("none"), "--slot", "street")).isEqualTo(1);
        assertThat(lastModel(deployment, "a")).isEqualTo("street@2");

        assertThat(swap(file, bad, "--shadow", 0)).isZero();
        await().atMost(TIMEOUT).until(() -> lastModel(deployment, "a").equals("street@3"));
        assertThat(swap(file, "--rollback", "--slot", "street")).isZero();
        await().atMost(TIMEOUT).until(() -> lastModel(deployment, "a").equals("street@2"));

        assertThat(lastModel(deployment, "b")).isEqualTo("yard@7");
        deployment.stopCameras();
        await().atMost(TIMEOUT).until(() -> accounted(deployment));
        checkRecords(deployment);
      }
      // A worker that starts later serves what was ordered, not what the file says.
      try (Deployment later = Deployment.start(config, Set.of(Role.SEGMENT))) {
        assertThat(later.metrics().text())
            .contains("maskstream_model_info{model=\"street\",version=\"2\"");
      }
      // One that cannot load it serves what the file says, and says so.
      Files.move(two, folder.resolve("elsewhere"));
      try (Deployment without = Deployment.start(config, Set.of(Role.SEGMENT))) {
        assertThat(without.metrics().text())
            .contains("maskstream_model_info{model=\"street\",version=\"1\"");
        URI ready = URI.create(without.monitor() + "/readyz");
        assertThat(
                HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString())
                    .body())
            .contains("two was ordered and cannot be loaded, ")
            .contains("one serves instead");
      }
    }
  }

  private static boolean accounted(Deployment deployment) {
    int read = TopicReader.readAll(deployment.kafka(), TOPICS.frames()).size();
    int done =
        TopicReader.readAll(deployment.kafka(), TOPICS.segmentedFrames()).size()
            + TopicReader.readAll(deployment.kafka(), TOPICS.drops()).size();
    return read == done;
  }

  private static void checkRecords(Deployment deployment) {
    assertThat(TopicReader.readAll(deployment.kafka(), TOPICS.deadLetters())).isEmpty();
    List<String> versions = new ArrayList<>();
    for (SegmentedFrame frame : masks(deployment, "a")) {
      String version = frame.getModelVersion();
      if (versions.isEmpty() || !versions.get(versions.size() - 1).equals(version)) {
        // The bank of another model is not taken over.
        assertThat(frame.getReuse().getResetReason())
            .isEqualTo(versions.isEmpty() ? "first-frame" : "model");
        assertThat(frame.getReuse().getFramesSinceReset()).isEqualTo(1);
        versions.add(version);
      }
    }
    assertThat(versions).containsExactly("1", "2", "3", "2");
    assertThat(masks(deployment, "b")).allMatch(frame -> frame.getModelVersion().equals("7"));
    List<RolloutReport> reports =
        TopicReader.readAll(deployment.kafka(), TOPICS.modelReports()).stream()
            .map(record -> Json.read(record.value(), RolloutReport.class))
            .toList();
    assertThat(reports)
        .extracting(RolloutReport::outcome)
        .contains("taken-over", "rolled-back", "rejected");
    assertThat(reports.get(0).agreement()).isGreaterThan(0.5); // untrained, its bank began cold
    assertThat(reports)
        .anySatisfy(report -> assertThat(report.reason()).contains("no such folder"));
  }
}
