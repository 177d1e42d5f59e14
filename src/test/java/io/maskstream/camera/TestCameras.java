package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.metrics.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Cameras with short times. */
final class TestCameras {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private TestCameras() {}

  /** A camera of 160×120 at 30 frames per second whose connection is dead after a second. */
  static CameraConfig camera(String id, String url) {
    CameraConfig config = CameraConfig.of(id, url);
    config = config.withFps(30.0);
    config = config.withWidth(160);
    config = config.withHeight(120);
    config = config.withTimeout(Duration.ofSeconds(1));
    config = config.withReconnectDelay(Duration.ofMillis(100));
    return config.withMaxReconnectDelay(Duration.ofMillis(400));
  }

  /** Reads cameras until the supervisor is closed; their frames go to the sink. */
  static CameraSupervisor supervise(
      List<CameraConfig> configs, FrameSink sink, Metrics metrics, SourceFactory sources) {
    CameraSupervisor supervisor =
        new CameraSupervisor(
            new CameraReader.Surroundings(sources, sink, metrics, Clock.systemUTC()));
    configs.forEach(config -> supervisor.start(config, new AtomicLong()));
    return supervisor;
  }

  static CameraSupervisor supervise(List<CameraConfig> configs, FrameSink sink, Metrics metrics) {
    return supervise(configs, sink, metrics, new UrlSources());
  }

  /** Why a camera does not deliver; it has given no frame by then. */
  static String failure(CameraConfig config) {
    AtomicInteger frames = new AtomicInteger();
    try (CameraSupervisor supervisor =
        supervise(List.of(config), frame -> frames.incrementAndGet(), new Metrics())) {
      await()
          .atMost(PATIENCE)
          .until(() -> !supervisor.statuses().get(config.id()).reason().isEmpty());
      assertThat(frames).hasValue(0);
      return supervisor.statuses().get(config.id()).reason();
    }
  }

  /** Waits until a camera has given some frames. */
  static void awaitFrames(CameraConfig config) {
    AtomicInteger frames = new AtomicInteger();
    try (CameraSupervisor supervisor =
        supervise(List.of(config), frame -> frames.incrementAndGet(), new Metrics())) {
      await().atMost(PATIENCE).until(() -> frames.get() > 2);
      assertThat(supervisor.finished()).isFalse();
    }
  }
}
