package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.metrics.Metrics;
import io.maskstream.topic.CameraReport;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.MockProducer;
import org.junit.jupiter.api.Test;

class StatusPublisherTest {
  private final MockProducer<byte[], byte[]> producer = FramePublisherTest.producer(false);
  private final Metrics metrics = new Metrics();
  private final Map<String, CameraStatus> statuses = new ConcurrentHashMap<>();

  private StatusPublisher publisher() {
    return new StatusPublisher(producer, new TopicNames("t"), metrics.cameras(), () -> statuses);
  }

  private List<CameraReport> sent() {
    return producer.history().stream()
        .map(record -> Json.read(record.value(), CameraReport.class))
        .toList();
  }

  @Test
  void changes_areToldOnceAndAgainAfterAFailure() {
    statuses.put("a", CameraStatus.waiting("401, wrong user", Instant.ofEpochSecond(60)));
    try (StatusPublisher publisher = publisher()) {
      await().until(() -> producer.history().size() == 1);
      publisher.publish();
      assertThat(sent())
          .containsExactly(new CameraReport("a", "waiting", "401, wrong user", 60_000_000L));
      assertThat(metrics.text())
          .contains("camera=\"a\",state=\"waiting\",reason=\"401, wrong user\",} 1.0")
          .contains("maskstream_camera_next_try_timestamp_seconds{camera=\"a\",} 60.0");
      producer.errorNext(new IllegalStateException("lost"));
      publisher.publish();
      assertThat(sent()).hasSize(2);
      statuses.put("a", CameraStatus.of(CameraStatus.State.DELIVERING));
      publisher.publish();
      assertThat(sent().get(2).state()).isEqualTo("delivering");
      assertThat(metrics.text())
          .contains("state=\"delivering\",reason=\"\",} 1.0")
          .doesNotContain("state=\"waiting\"");
      statuses.put("b", CameraStatus.of(CameraStatus.State.FINISHED));
      publisher.publish();
      statuses.clear(); // removed, or another process's now
      publisher.publish();
      assertThat(sent()).hasSize(4);
      assertThat(metrics.text())
          .doesNotContain("maskstream_camera_state{")
          .doesNotContain("maskstream_camera_next_try_timestamp_seconds{");
    }
    assertThat(sent()).hasSize(4);
  }

  @Test
  void cameras_areStoppedWithTheirProcess_unlessTheyWereOver() {
    statuses.put("a", CameraStatus.of(CameraStatus.State.DELIVERING));
    statuses.put("b", CameraStatus.of(CameraStatus.State.FINISHED));
    try (StatusPublisher publisher = publisher()) {
      publisher.publish();
      await().until(() -> producer.history().size() == 2);
    }
    assertThat(sent()).hasSize(3);
    assertThat(sent().get(2)).isEqualTo(new CameraReport("a", "stopped", "", null));
  }

  @Test
  void stop_saysNothingOfCamerasThatOthersHave() {
    statuses.put("a", CameraStatus.of(CameraStatus.State.DELIVERING));
    statuses.put("b", CameraStatus.of(CameraStatus.State.DELIVERING));
    try (StatusPublisher publisher = publisher()) {
      publisher.publish();
      statuses.remove("b"); // since the last report
    }
    assertThat(sent())
        .filteredOn(report -> report.state().equals("stopped"))
        .extracting(CameraReport::camera)
        .containsExactly("a");
  }
}
