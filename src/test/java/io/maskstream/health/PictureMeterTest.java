package io.maskstream.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against the definitions, on gray pictures. */
class PictureMeterTest {
  private static final int WIDTH = PictureMeter.WIDTH;
  private static final int HEIGHT = PictureMeter.HEIGHT;
  private static final int PIXELS = WIDTH * HEIGHT;

  private static PictureStats measure(int[] gray) {
    byte[] rgb = new byte[3 * PIXELS];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) gray[i / 3];
    }
    return PictureMeter.measure(new FrameId("a", 1, 1, 1), new Picture(WIDTH, HEIGHT, rgb), false);
  }

  /** Noise in the left half, one value in the right. */
  private static int[] halfNoise() {
    Random random = new Random(5);
    int[] gray = new int[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      gray[i] = i % WIDTH < WIDTH / 2 ? random.nextInt(256) : 100;
    }
    return gray;
  }

  @Test
  void measure_halfNoise_isAsDefined() {
    int[] gray = halfNoise();
    PictureStats stats = measure(gray);
    double mean = Arrays.stream(gray).average().orElseThrow();
    double variance =
        Arrays.stream(gray).mapToDouble(v -> (v - mean) * (v - mean)).average().orElseThrow();
    assertThat(stats.mean()).isCloseTo(mean, within(1e-6));
    assertThat(stats.contrast()).isCloseTo(Math.sqrt(variance), within(1e-6));
    assertThat(stats.dark()).isEqualTo(share(gray, 0, 16));
    assertThat(stats.bright()).isEqualTo(share(gray, 240, 255));
    assertThat(stats.flat()).isEqualTo(0.5);
    assertThat(stats.sharpness()).isCloseTo(edges(gray) / (variance + 4), within(1e-6));
  }

  private static double share(int[] gray, int from, int to) {
    return (double) Arrays.stream(gray).filter(v -> v >= from && v <= to).count() / PIXELS;
  }

  /** Variance of the Laplacian; pixels outside mirror those inside. */
  private static double edges(int[] gray) {
    double[] values = new double[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      int x = i % WIDTH;
      int y = i / WIDTH;
      values[i] =
          at(gray, x - 1, y)
              + at(gray, x + 1, y)
              + at(gray, x, y - 1)
              + at(gray, x, y + 1)
              - 4 * gray[i];
    }
    double mean = Arrays.stream(values).average().orElseThrow();
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
  }

  private static int at(int[] gray, int x, int y) {
    return gray[mirrored(y, HEIGHT) * WIDTH + mirrored(x, WIDTH)];
  }

  private static int mirrored(int at, int length) {
    return at < 0 ? -at : at >= length ? 2 * length - 2 - at : at;
  }

  @Test
  void measure_samePicture_hasTheSameFingerprint_anotherHasNot() {
    int[] gray = halfNoise();
    assertThat(measure(gray).fingerprint()).isEqualTo(measure(halfNoise()).fingerprint());
    gray[77] ^= 1;
    assertThat(measure(gray).fingerprint()).isNotEqualTo(measure(halfNoise()).fingerprint());
  }

  @Test
  void measure_anotherSize_isRefused() {
    assertThatThrownBy(
            () -> PictureMeter.measure(new FrameId("a", 1, 1, 1), Picture.black(8, 8), false))
        .hasMessage("pictures to measure have 320×240 pixels, not 8×8");
  }
}
