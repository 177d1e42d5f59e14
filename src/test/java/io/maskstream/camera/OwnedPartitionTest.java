package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.camera.CameraStatus.State;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OwnedPartitionTest {
  private static final TopicNames TOPICS = new TopicNames("test");
  private static final String STREET =
      "{\"settings\": {\"url\": \"synthetic:street\", \"fps\": 20}}";
  private static final String NO_VARIABLE =
      "{\"settings\": {\"url\": \"rtsp://${NOBODY_SET_ME}@h/1\"}}";

  private final MockProducer<byte[], byte[]> producer = FramePublisherTest.producer(true);
  private final Metrics metrics = new Metrics();
  private final Health health = new Health();
  private final DropLedger drops = new DropLedger(producer, TOPICS, metrics);
  private final FramePublisher publisher =
      new FramePublisher(
          new FramePublisher.Parts(
              producer,
              TOPICS,
              drops,
              Optional.empty(),
              metrics,
              FrameTraces.none(),
              Clock.systemUTC()));
  private final RunningCameras running =
      new RunningCameras(
          new RunningCameras.Parts(
              publisher, publisher, metrics, health, Duration.ofHours(1), Clock.systemUTC()));
  private final OwnedPartition partition = new OwnedPartition(running, Map.of(), 0);
  private long offset;

  @AfterEach
  void stop() {
    running.close();
    publisher.close();
    drops.close();
  }

  private void read(String id, @Nullable String value) {
    partition.read(
        new ConsumerRecord<>(
            TOPICS.cameras(),
            0,
            offset++,
            id.getBytes(StandardCharsets.UTF_8),
            value == null ? null : value.getBytes(StandardCharsets.UTF_8)));
  }

  private void claim() {
    partition.claimed(
        new RecordMetadata(new TopicPartition(TOPICS.cameras(), 0), offset, 0, 1_000, 0, 0));
  }

  private CameraStatus status(String id) {
    return running.statuses().get(id);
  }

  @Test
  void aCameraWhoseRecordBecomesUnreadable_isStoppedAndReported() {
    read("a", STREET);
    claim();
    await().until(() -> status("a").state() == State.DELIVERING);
    read("a", "no JSON");
    assertThat(status("a").state()).isEqualTo(State.REFUSED);
    assertThat(health.report().checks().get("camera a").detail())
        .startsWith("is not read: its record is not readable: ");
    assertThat(metrics.text()).contains("maskstream_camera_connected{camera=\"a\",} 0.0");
    read("a", STREET);
    await().until(() -> status("a").state() == State.DELIVERING);
    read("a", "null"); // for a tombstone that it is not
    assertThat(status("a").state()).isEqualTo(State.REFUSED);
  }

  @Test
  void whatCannotBeRead_isReportedByTheOwnerAlone() {
    read("a", "[]");
    read("b", NO_VARIABLE);
    assertThat(running.statuses()).isEmpty();
    claim();
    assertThat(status("a").state()).isEqualTo(State.REFUSED);
    assertThat(status("b").reason()).contains("NOBODY_SET_ME");
    assertThat(partition.ids()).containsExactlyInAnyOrder("a", "b");
    running.stop(partition.ids());
    assertThat(running.statuses()).isEmpty();
    assertThat(health.report().checks()).doesNotContainKeys("camera a", "camera b");
    assertThat(metrics.text()).doesNotContain("maskstream_camera_connected{");
  }

  @Test
  void aRefusedCamera_isForgottenWhenItIsRemoved() {
    claim();
    read("a", "[]");
    assertThat(status("a").state()).isEqualTo(State.REFUSED);
    read("a", null);
    assertThat(running.statuses()).isEmpty();
    assertThat(health.report().checks()).doesNotContainKey("camera a");
  }
}
