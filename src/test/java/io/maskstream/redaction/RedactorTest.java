package io.maskstream.redaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import io.maskstream.config.YamlReader;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A picture of noise, 64×48, with masks of half its size. */
class RedactorTest {
  private static final int WIDTH = 64;
  private static final int HEIGHT = 48;
  private static final ClassTable TABLE = ClassTable.camvid11();
  private static final int PEDESTRIAN = TABLE.names().indexOf("pedestrian");
  private static final int CAR = TABLE.names().indexOf("car");
  private static final Picture NOISE = noise();

  private static Picture noise() {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    new Random(7).nextBytes(rgb);
    return new Picture(WIDTH, HEIGHT, rgb);
  }

  private static RedactionConfig config(Map<String, Object> settings) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("classes", List.of("pedestrian"));
    all.put("growPixels", 0);
    all.put("frames", 1);
    all.putAll(settings);
    return YamlReader.defaults(RedactionConfig.class, all);
  }

  /** A mask of half the size with one pixel of a class, all else being void. */
  private static Mask mask(int x, int y, int label) {
    byte[] labels = new byte[WIDTH / 2 * HEIGHT / 2];
    java.util.Arrays.fill(labels, (byte) ClassTable.VOID);
    labels[y * WIDTH / 2 + x] = (byte) label;
    return new Mask(WIDTH / 2, HEIGHT / 2, labels);
  }

  /**
   * A picture without the classes.
   *
   * @param pixels that were taken out
   */
  private record Redacted(Picture picture, int pixels) {}

  private static Redacted redact(Redactor redactor, Mask mask) {
    return redacted(redactor, "a", mask).orElseThrow();
  }

  private static Optional<Redacted> redacted(Redactor redactor, String camera, Mask mask) {
    try (BytePointer pixels = new BytePointer(NOISE.rgb());
        Mat picture = new Mat(HEIGHT, WIDTH, CV_8UC3, pixels)) {
      OptionalInt hidden = redactor.redact(camera, picture, mask, TABLE);
      return hidden.isPresent()
          ? Optional.of(
              new Redacted(PictureScaler.scale(picture, WIDTH, HEIGHT), hidden.getAsInt()))
          : Optional.empty();
    }
  }

  /** Whether a pixel has changed. */
  private static boolean hidden(Picture picture, int x, int y) {
    int i = 3 * (y * WIDTH + x);
    return java.util.Arrays.mismatch(picture.rgb(), i, i + 3, NOISE.rgb(), i, i + 3) >= 0;
  }

  @ParameterizedTest
  @EnumSource
  void redact_anyMode_changesThePixelsOfTheClassAlone(RedactionConfig.Mode mode) {
    Redactor redactor = new Redactor(config(Map.of("mode", mode.label())));
    Redacted redacted = redact(redactor, mask(10, 5, PEDESTRIAN));
    assertThat(redacted.pixels()).isEqualTo(4); // one of the mask is 2×2 of the picture
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        boolean inside = x / 2 == 10 && y / 2 == 5;
        assertThat(hidden(redacted.picture(), x, y)).as(x + " " + y).isEqualTo(inside);
      }
    }
  }

  @Test
  void redact_fill_leavesNothing() {
    Picture picture = redact(new Redactor(config(Map.of())), mask(10, 5, PEDESTRIAN)).picture();
    int i = 3 * (10 * WIDTH + 20);
    assertThat(java.util.Arrays.copyOfRange(picture.rgb(), i, i + 6)).containsOnly((byte) 128);
  }

  @Test
  void redact_otherClasses_stay() {
    Redacted redacted = redact(new Redactor(config(Map.of())), mask(10, 5, CAR));
    assertThat(redacted.pixels()).isZero();
    assertThat(redacted.picture().rgb()).isEqualTo(NOISE.rgb());
  }

  @Test
  void redact_grow_isInPixelsOfThePicture() {
    Redactor redactor = new Redactor(config(Map.of("growPixels", 3)));
    Redacted redacted = redact(redactor, mask(10, 5, PEDESTRIAN));
    assertThat(redacted.pixels()).isEqualTo(8 * 8);
    assertThat(hidden(redacted.picture(), 17, 7)).isTrue();
    assertThat(hidden(redacted.picture(), 16, 7)).isFalse();
    assertThat(hidden(redacted.picture(), 24, 14)).isTrue();
    assertThat(hidden(redacted.picture(), 25, 14)).isFalse();
  }

  /** Against the definition, pixel by pixel; sides with and without a common divisor. */
  @ParameterizedTest
  @CsvSource({
    "32, 24, 0",
    "32, 24, 5",
    "48, 36, 3",
    "63, 47, 4",
    "64, 48, 200",
    "96, 72, 0",
    "192, 144, 2"
  })
  void redact_masksOfAnySize_hideWhatTheyCover(int width, int height, int grow) {
    Redactor redactor = new Redactor(config(Map.of("growPixels", grow)));
    Random random = new Random(width);
    for (int trial = 0; trial < 20; trial++) {
      byte[] labels = new byte[width * height];
      for (int pixel = 0; pixel < trial % 4; pixel++) {
        labels[random.nextInt(labels.length)] = (byte) PEDESTRIAN;
      }
      Redacted redacted = redact(redactor, new Mask(width, height, labels));
      boolean[] expected = covered(new Mask(width, height, labels), grow);
      for (int i = 0; i < expected.length; i++) {
        assertThat(hidden(redacted.picture(), i % WIDTH, i / WIDTH))
            .as("%d, %d", i % WIDTH, i / WIDTH)
            .isEqualTo(expected[i]);
      }
    }
  }

  private static boolean[] covered(Mask mask, int grow) {
    boolean[] covered = new boolean[WIDTH * HEIGHT];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        if (covers(mask, x, y)) {
          for (int v = Math.max(0, y - grow); v <= Math.min(HEIGHT - 1, y + grow); v++) {
            for (int u = Math.max(0, x - grow); u <= Math.min(WIDTH - 1, x + grow); u++) {
              covered[v * WIDTH + u] = true;
            }
          }
        }
      }
    }
    return covered;
  }

  /** A smaller mask's nearest pixel; any of a larger one's that touches the picture's pixel. */
  private static boolean covers(Mask mask, int x, int y) {
    int right = Math.max(x * mask.width() / WIDTH, ((x + 1) * mask.width() - 1) / WIDTH);
    int bottom = Math.max(y * mask.height() / HEIGHT, ((y + 1) * mask.height() - 1) / HEIGHT);
    boolean larger = mask.width() > WIDTH;
    for (int v = y * mask.height() / HEIGHT; v <= bottom; v++) {
      for (int u = x * mask.width() / WIDTH; u <= right; u++) {
        if (mask.at(u, v) == PEDESTRIAN) {
          return true;
        }
        if (!larger) {
          return false;
        }
      }
    }
    return false;
  }

  @Test
  void redact_lastFrames_areJoined_andForgottenInTurn() {
    Redactor redactor = new Redactor(config(Map.of("frames", 2)));
    assertThat(redacted(redactor, "a", mask(1, 1, PEDESTRIAN))).isEmpty();
    assertThat(redacted(redactor, "b", mask(1, 1, PEDESTRIAN))).isEmpty();
    assertThat(hidden(redact(redactor, mask(1, 1, CAR)).picture(), 2, 2)).isTrue();
    assertThat(hidden(redact(redactor, mask(1, 1, CAR)).picture(), 2, 2)).isFalse();
  }

  @Test
  void redact_newSizeOrForgottenCamera_waitsForMasks() {
    Redactor redactor = new Redactor(config(Map.of("frames", 2)));
    Mask small = new Mask(2, 2, new byte[4]);
    assertThat(redacted(redactor, "a", small)).isEmpty();
    assertThat(redacted(redactor, "a", mask(1, 1, CAR))).isEmpty();
    assertThat(redacted(redactor, "a", mask(1, 1, CAR))).isPresent();
    redactor.forget("a");
    assertThat(redacted(redactor, "a", mask(1, 1, CAR))).isEmpty();
  }

  @Test
  void redact_modelWithoutTheClass_givesNoPicture() {
    Redactor redactor = new Redactor(config(Map.of("classes", List.of("pedestrian", "face"))));
    assertThat(redacted(redactor, "a", mask(1, 1, CAR))).isEmpty();
    assertThat(Redactor.unknown(redactor.config(), TABLE)).containsExactly("face");
  }

  @Test
  void settings_outOfRange_areRefused() {
    assertThatThrownBy(() -> config(Map.of("classes", List.of())))
        .hasMessageContaining("redact: classes must not be empty");
    assertThatThrownBy(() -> config(Map.of("growPixels", -1)))
        .hasMessageContaining("redact: growPixels must be 0 to 200, is -1");
    assertThatThrownBy(() -> config(Map.of("frames", 0)))
        .hasMessageContaining("redact: frames must be 1 to 100, is 0");
  }
}
