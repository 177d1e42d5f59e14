package io.maskstream.camera;

import static io.maskstream.camera.TestCameras.camera;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.metrics.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Real connections on the loopback: MJPEG over HTTP. */
class CameraSupervisorIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(40);

  private final ConcurrentLinkedQueue<FrameSink.CapturedFrame> frames =
      new ConcurrentLinkedQueue<>();
  private final Metrics metrics = new Metrics();

  private long count(String camera) {
    return frames.stream().filter(frame -> frame.camera().equals(camera)).count();
  }

  @Test
  void camera_serverKilledAndRestarted_comesBackInANewEpoch() throws IOException {
    MjpegServer first = new MjpegServer(0);
    CameraConfig config = camera("mjpeg", first.url());
    try (CameraSupervisor supervisor =
        TestCameras.supervise(List.of(config), frames::add, metrics)) {
      await().atMost(TIMEOUT).until(() -> count("mjpeg") > 5);
      first.close();
      assertThat(supervisor.finished()).isFalse();
      long firstEpoch = frames.peek().id().epoch();
      try (MjpegServer second = new MjpegServer(first.port())) {
        await()
            .atMost(TIMEOUT)
            .until(() -> frames.stream().anyMatch(frame -> frame.id().epoch() > firstEpoch));
        assertThat(second.port()).isEqualTo(first.port());
      }
    }
    List<FrameSink.CapturedFrame> all = List.copyOf(frames);
    for (int i = 1; i < all.size(); i++) {
      boolean sameEpoch = all.get(i).id().epoch() == all.get(i - 1).id().epoch();
      assertThat(all.get(i).id().sequence())
          .isEqualTo(sameEpoch ? all.get(i - 1).id().sequence() + 1 : 0);
    }
  }

  @Test
  void camera_syntheticWithLimit_finishesWithThatManyFrames() {
    CameraConfig config = camera("few", "synthetic:street");
    config = config.withFps(200.0);
    config = config.withPacing(CameraConfig.Pacing.AS_FAST_AS_POSSIBLE);
    config = config.withMaxFrames(Optional.of(17L));
    try (CameraSupervisor supervisor =
        TestCameras.supervise(List.of(config), frames::add, metrics)) {
      await().atMost(TIMEOUT).until(supervisor::finished);
    }
    assertThat(count("few")).isEqualTo(17);
  }
}
