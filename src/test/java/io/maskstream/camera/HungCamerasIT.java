package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.camera.CameraStatus.State;
import io.maskstream.metrics.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Servers that hang in several ways beside one that works: real sockets. */
class HungCamerasIT {
  private static final int OF_EACH = 7;

  /** Much less than the bad ones take one after the other: 14 of them two seconds each. */
  private static final Duration OPENS_WITHIN = Duration.ofSeconds(20);

  private final Map<String, Long> firstNanos = new ConcurrentHashMap<>();

  private void count(FrameSink.CapturedFrame frame) {
    firstNanos.putIfAbsent(frame.camera(), System.nanoTime());
  }

  private CameraSupervisor supervise(List<CameraConfig> configs) {
    return TestCameras.supervise(configs, this::count, new Metrics());
  }

  private static long cameraThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("camera-"))
        .count();
  }

  @Test
  void goodCamera_besideTwentyOneThatHang_opensAtOnceAndThreadsStayBounded() throws IOException {
    try (RawServer drip = RawServer.dripping();
        RawServer silent = RawServer.silent();
        RawServer half = RawServer.halfClosed();
        MjpegServer good = new MjpegServer(0)) {
      List<CameraConfig> bad = new ArrayList<>();
      for (int i = 0; i < OF_EACH; i++) {
        bad.add(TestCameras.camera("drip-" + i, drip.url()));
        bad.add(TestCameras.camera("silent-" + i, silent.url()));
        bad.add(TestCameras.camera("half-" + i, half.url()));
      }
      try (CameraSupervisor hung = supervise(bad)) {
        await().until(() -> drip.connections() + silent.connections() >= 2 * OF_EACH);
        long start = System.nanoTime();
        try (CameraSupervisor healthy =
            supervise(List.of(TestCameras.camera("good", good.url())))) {
          await().atMost(Duration.ofSeconds(60)).until(() -> firstNanos.containsKey("good"));
          assertThat(Duration.ofNanos(firstNanos.get("good") - start)).isLessThan(OPENS_WITHIN);
          await()
              .atMost(Duration.ofSeconds(60))
              .untilAsserted(
                  () ->
                      assertThat(hung.statuses().values())
                          .allSatisfy(status -> assertThat(status.reason()).isNotEmpty()));
          assertThat(healthy.statuses().get("good").state()).isEqualTo(State.DELIVERING);
        }
        assertThat(hung.statuses().get("drip-0").reason()).contains("within 2.0 s");
        assertThat(cameraThreads()).isLessThanOrEqualTo(bad.size() + 2L); // two watchdogs
      }
      assertThat(firstNanos).containsOnlyKeys("good");
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> cameraThreads() == 0);
  }

  @Test
  void close_whileACameraHangs_endsItsThread() throws IOException {
    try (RawServer silent = RawServer.silent()) {
      CameraConfig patient =
          TestCameras.camera("silent", silent.url()).withTimeout(Duration.ofMinutes(5));
      CameraSupervisor supervisor = supervise(List.of(patient));
      await().until(() -> silent.connections() == 1);
      supervisor.close();
      await().atMost(Duration.ofSeconds(20)).until(() -> cameraThreads() == 0);
    }
  }
}
