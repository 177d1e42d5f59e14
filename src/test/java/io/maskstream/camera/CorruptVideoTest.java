package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.synthetic.SyntheticStreet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorruptVideoTest {
  private static final int FRAMES = 60;

  @TempDir private Path folder;

  private Path video() throws IOException {
    Path file = folder.resolve("street.mp4");
    SyntheticStreet street = new SyntheticStreet(3, 320, 240);
    try (VideoWriter writer = VideoWriter.open(file, 320, 240, 15)) {
      for (int i = 0; i < FRAMES; i++) {
        writer.write(street.at(Duration.ofMillis(66L * i)).picture());
      }
    }
    return file;
  }

  private record Count(long frames, long undecodable) {}

  private static Count read(Path file) throws IOException {
    try (VideoFile video = VideoFile.open(file)) {
      long frames = 0;
      while (video.next().isPresent()) {
        frames++;
      }
      return new Count(frames, video.undecodable());
    }
  }

  @Test
  void wholeVideo_hasNoneUndecodable() throws IOException {
    assertThat(read(video())).isEqualTo(new Count(FRAMES, 0));
  }

  @Test
  void overwrittenVideo_countsWhatIsLost() throws IOException {
    Path file = video();
    byte[] bytes = Files.readAllBytes(file);
    Random random = new Random(1);
    for (int i = bytes.length / 4; i < bytes.length / 2; i++) { // picture data, not the index
      bytes[i] = (byte) random.nextInt();
    }
    Files.write(file, bytes);
    Count count = read(file);
    assertThat(count.undecodable()).isGreaterThanOrEqualTo(5);
    assertThat(count.frames() + count.undecodable()).isGreaterThanOrEqualTo(FRAMES);
  }
}
