package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.inference.TestBundles;
import io.maskstream.metrics.MonitorServer;
import io.maskstream.stream.SegmentConfig.Guarantee;
import io.maskstream.topic.ExpiredRange;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicReader;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames that are deleted while no worker runs: the next worker records the range. */
class ExpiredFramesIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final Duration SECOND = Duration.ofSeconds(1);

  @TempDir private Path folder;

  @Test
  void framesDeletedWhileNoWorkerRuns_areOneRangeInTheDrops() throws Exception {
    expire(worker -> assertThat(worker.metrics()).contains("maskstream_frames_expired_total 7.0"));
  }

  /** Prometheus never saw the new worker's counter at 0. */
  @Test
  @Tag("prometheus")
  void framesDeletedWhileNoWorkerRuns_fireTheAlertAfterAFirstScrape() throws Exception {
    expire(
        worker -> {
          try (MonitorServer monitor = worker.monitor();
              PrometheusProcess prometheus =
                  PrometheusProcess.start(folder, URI.create(monitor.address()).getAuthority())) {
            await()
                .atMost(TIMEOUT)
                .ignoreExceptions()
                .until(() -> prometheus.firing().contains("MaskstreamFramesExpired"));
          }
        });
  }

  private interface Check {
    void of(SleepingWorker worker) throws Exception;
  }

  /**
   * Deletes frames while no worker runs.
   *
   * @param check of the worker that has found them missing
   */
  private void expire(Check check) throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    try (LiveLoad load = new LiveLoad("expired", 1, 1)) {
      try (SleepingWorker worker = worker(load, bundle)) {
        await().atMost(TIMEOUT).until(worker::running);
        load.publish(10, SECOND).join(); // offsets 0 to 9
        await().atMost(TIMEOUT).until(() -> load.account().complete());
      }
      load.publish(10, SECOND).join(); // 10 to 19, of which 10 to 16 are deleted
      delete(load, 17);
      try (SleepingWorker worker = worker(load, bundle)) {
        await().atMost(TIMEOUT).until(() -> !ranges(load).isEmpty());
        assertThat(ranges(load))
            .containsExactly(ExpiredRange.of(load.topics().names().frames(), 0, 10, 16));
        check.of(worker);
      }
    }
  }

  private static SleepingWorker worker(LiveLoad load, Path bundle) throws Exception {
    return new SleepingWorker(
        load.kafka(), load.topics(), Guarantee.EXACTLY_ONCE, Duration.ZERO, bundle);
  }

  private static void delete(LiveLoad load, long before) throws Exception {
    TopicPartition frames = new TopicPartition(load.topics().names().frames(), 0);
    try (Admin admin = Admin.create(load.kafka().common())) {
      admin.deleteRecords(Map.of(frames, RecordsToDelete.beforeOffset(before))).all().get();
    }
  }

  private static List<ExpiredRange> ranges(LiveLoad load) {
    return TopicReader.readAll(load.kafka(), load.topics().names().drops()).stream()
        .filter(record -> record.key() == null)
        .map(record -> Json.read(record.value(), ExpiredRange.class))
        .toList();
  }
}
