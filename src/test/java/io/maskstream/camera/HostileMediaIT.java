package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.metrics.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Servers that answer with what a camera would not. */
class HostileMediaIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicInteger frames = new AtomicInteger();

  private CameraSupervisor supervise(CameraConfig config) {
    return TestCameras.supervise(List.of(config), frame -> frames.incrementAndGet(), new Metrics());
  }

  private String failure(CameraConfig config) {
    try (CameraSupervisor supervisor = supervise(config)) {
      await()
          .atMost(PATIENCE)
          .until(() -> !supervisor.statuses().get(config.id()).reason().isEmpty());
      assertThat(frames).hasValue(0);
      return supervisor.statuses().get(config.id()).reason();
    }
  }

  private void awaitFrames(CameraConfig config) {
    try (CameraSupervisor supervisor = supervise(config)) {
      await().atMost(PATIENCE).until(() -> frames.get() > 2);
      assertThat(supervisor.finished()).isFalse();
    }
  }

  @Test
  void redirect_isRefusedUnlessAllowed() throws IOException {
    try (MjpegServer target = new MjpegServer(0);
        RawServer redirecting =
            RawServer.answering(
                "HTTP/1.0 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
                    .formatted(target.url()))) {
      CameraConfig config = TestCameras.camera("cam", redirecting.url());
      assertThat(failure(config)).contains("redirect");
      awaitFrames(
          config.withAllow(new CameraConfig.Allowed(List.of(), List.of(), List.of(), true)));
    }
  }

  @Test
  void format_thatNoCameraSends_isRefused() throws IOException {
    String concat = "ffconcat version 1.0\nfile '/etc/passwd'\n";
    try (RawServer server =
        RawServer.answering(
            "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(concat.length(), concat))) {
      assertThat(failure(TestCameras.camera("cam", server.url()))).contains("allow.formats");
    }
  }
}
