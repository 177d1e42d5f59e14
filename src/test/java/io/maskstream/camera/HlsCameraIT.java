package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cameras that give a live HLS playlist. */
class HlsCameraIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long SECOND = 1_000_000;
  private static final int FPS = 25;

  @TempDir private Path folder;

  private final List<FrameSink.CapturedFrame> frames = new CopyOnWriteArrayList<>();

  private CameraSupervisor watch(CameraConfig config) {
    return TestCameras.supervise(List.of(config), frames::add, new Metrics());
  }

  private void awaitMedia(long micros) {
    await()
        .atMost(PATIENCE)
        .until(() -> frames.stream().anyMatch(frame -> frame.mediaMicros() >= micros));
  }

  /** Nothing comes for three seconds, where the camera's timeout is one. */
  @Test
  void segmentsLongerThanTheTimeout_areWaitedFor() throws IOException {
    try (HlsServer server = new HlsServer(folder, 3, 5);
        CameraSupervisor camera =
            watch(
                TestCameras.camera("c", server.url("live.m3u8"))
                    .withPacing(CameraConfig.Pacing.AS_FAST_AS_POSSIBLE))) {
      awaitMedia(10 * SECOND); // the fourth segment
      assertThat(camera.statuses().get("c").state()).isEqualTo(CameraStatus.State.DELIVERING);
    }
    assertThat(frames).allSatisfy(frame -> assertThat(frame.id().epoch()).isEqualTo(1));
  }

  @Test
  void framesOfASegment_comeAtTheSpeedOfTheStream() throws IOException {
    try (HlsServer server = new HlsServer(folder, 1, 8);
        CameraSupervisor camera = watch(TestCameras.camera("c", server.url("live.m3u8")))) {
      awaitMedia(4 * SECOND);
      assertThat(camera.finished()).isFalse();
    }
    for (int i = FPS; i <= 3 * FPS; i += FPS) {
      long micros = frames.get(i).id().captureMicros() - frames.get(0).id().captureMicros();
      assertThat(micros).isGreaterThanOrEqualTo(frames.get(i).mediaMicros() - SECOND / 10);
    }
  }

  @Test
  void encoderThatStops_isTriedAgainUntilItIsBack() throws IOException {
    try (HlsServer server = new HlsServer(folder, 1, 30);
        CameraSupervisor camera = watch(TestCameras.camera("c", server.url("live.m3u8")))) {
      awaitMedia(SECOND);
      server.end();
      await()
          .atMost(PATIENCE)
          .until(() -> camera.statuses().get("c").reason().contains("may come back as a stream"));
      int before = frames.size();
      int asked = server.requests().size();
      await().atMost(PATIENCE).until(() -> server.requests().size() > asked + 8);
      assertThat(frames).hasSize(before);
      assertThat(camera.finished()).isFalse();
      server.restart();
      await().atMost(PATIENCE).until(() -> frames.size() > before + FPS);
      assertThat(frames.get(before).id().epoch()).isGreaterThan(frames.get(0).id().epoch());
    }
  }

  @Test
  void playlistOfSeveralBitRates_isReadInOneOfThem() throws IOException {
    try (HlsServer server = new HlsServer(folder, 1, 12);
        CameraSupervisor camera = watch(TestCameras.camera("c", server.url("master.m3u8")))) {
      awaitMedia(6 * SECOND);
      assertThat(camera.finished()).isFalse();
      assertThat(
              server.requests().stream()
                  .filter(path -> path.matches("/(low|high)/[5-9]\\.ts"))
                  .map(path -> path.substring(0, path.lastIndexOf('/')))
                  .collect(Collectors.toSet()))
          .hasSize(1);
    }
  }
}
