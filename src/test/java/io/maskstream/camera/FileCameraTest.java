package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as cameras: at which times their frames come. */
class FileCameraTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long HOUR = 3_600_000_000L;

  @TempDir private Path folder;

  private final List<FrameSink.CapturedFrame> frames = new CopyOnWriteArrayList<>();
  private final Metrics metrics = new Metrics();

  private CameraSupervisor play(CameraConfig config) {
    return TestCameras.supervise(List.of(config), frames::add, metrics);
  }

  private CameraConfig clip(long... micros) throws IOException {
    return TestCameras.camera("c", Clips.write(folder.resolve("clip.ts"), micros).toString());
  }

  private List<Long> epochs() {
    return frames.stream().map(frame -> frame.id().epoch()).toList();
  }

  private double seconds(int from, int to) {
    return (frames.get(to).id().captureMicros() - frames.get(from).id().captureMicros()) / 1e6;
  }

  @Test
  void file_thatBeginsHoursAfterZeroAndJumps_playsAtItsSpeedWithoutAPause() throws IOException {
    long[] first = Clips.steady(10 * HOUR, 25);
    long[] second = Clips.steady(11 * HOUR, 25);
    CameraConfig config =
        clip(LongStream.concat(LongStream.of(first), LongStream.of(second)).toArray());
    try (CameraSupervisor camera = play(config)) {
      await().atMost(PATIENCE).until(camera::finished);
    }
    assertThat(frames).hasSize(50);
    assertThat(frames.get(0).mediaMicros()).isZero();
    assertThat(frames.get(24).mediaMicros()).isEqualTo(960_000);
    assertThat(seconds(0, 49)).isBetween(1.8, 10.0);
  }

  /** The clip takes 0.4 s; one frame in each second is wanted of it. */
  @Test
  void loop_shorterThanAFrameOfTheWantedRate_keepsThatRate() throws IOException {
    try (CameraSupervisor camera = play(clip(Clips.steady(0, 10)).withLoop(true).withFps(1.0))) {
      await().atMost(PATIENCE).until(() -> frames.size() >= 4);
      assertThat(camera.statuses().get("c").state()).isEqualTo(CameraStatus.State.DELIVERING);
    }
    assertThat(seconds(0, 3)).isBetween(2.2, 10.0);
    assertThat(epochs()).doesNotHaveDuplicates();
    assertThat(metrics.count("maskstream_camera_reconnects_total", "camera", "c")).isZero();
  }

  @Test
  void loop_ofASinglePicture_isOpenedAtTheWantedRate() throws IOException {
    try (CameraSupervisor camera = play(clip(0).withLoop(true).withFps(5.0))) {
      await().atMost(PATIENCE).until(() -> frames.size() >= 6);
      assertThat(camera.finished()).isFalse();
    }
    assertThat(seconds(0, 5)).isBetween(0.9, 10.0);
    assertThat(epochs()).startsWith(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void loop_playedAsFastAsPossible_keepsTheRateOfTheFilesOwnTime() throws IOException {
    CameraConfig config = clip(Clips.steady(0, 10)).withLoop(true).withFps(1.0);
    try (CameraSupervisor camera =
        play(config.withPacing(CameraConfig.Pacing.AS_FAST_AS_POSSIBLE))) {
      await().atMost(PATIENCE).until(() -> frames.size() >= 4);
      assertThat(camera.finished()).isFalse();
    }
    assertThat(epochs()).startsWith(1L).doesNotHaveDuplicates();
    assertThat(epochs().get(3)).isGreaterThanOrEqualTo(7);
  }
}
