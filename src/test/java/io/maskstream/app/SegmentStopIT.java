package io.maskstream.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.ChildJvm;
import io.maskstream.camera.VideoFile;
import io.maskstream.camera.VideoWriter;
import io.maskstream.frame.Picture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentStopIT {
  private static final int FRAMES = 600;

  private static Path video(Path file) throws IOException {
    try (VideoWriter writer = VideoWriter.open(file, 160, 120, 10)) {
      for (int i = 0; i < FRAMES; i++) {
        writer.write(Picture.black(160, 120));
      }
    }
    return file;
  }

  private static int frames(Path file) throws IOException {
    int frames = 0;
    try (VideoFile video = VideoFile.open(file)) {
      while (video.next().isPresent()) {
        frames++;
      }
    }
    return frames;
  }

  @Test
  void segment_stoppedInTheMiddle_completesTheFilesOfTheFramesSoFar(@TempDir Path folder)
      throws Exception {
    Path out = folder.resolve("out");
    Path stats = out.resolve("stats.jsonl");
    Process segment =
        ChildJvm.start(
            Maskstream.class,
            "segment",
            video(folder.resolve("long.mp4")).toString(),
            "--out",
            out.toString());
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> !segment.isAlive() || (Files.exists(stats) && Files.size(stats) > 0));
    segment.toHandle().destroy(); // destroy() of a process closes its output as well
    String printed = new String(segment.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(segment.waitFor(30, TimeUnit.SECONDS)).isTrue();
    int written = frames(out.resolve("overlay.mp4"));
    assertThat(written).as(printed).isBetween(1, FRAMES - 1);
    assertThat(Files.readAllLines(stats)).hasSize(written);
    try (Stream<Path> masks = Files.list(out.resolve("masks"))) {
      assertThat(masks).hasSize(written);
    }
    assertThat(printed).contains("%d frames segmented".formatted(written));
  }
}
