package io.maskstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.camera.VideoFile;
import io.maskstream.config.YamlReader;
import io.maskstream.event.Event;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.PictureCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The default thresholds on real clips: untouched, and with made faults in their middle. */
@Tag("data")
class CameraHealthIT {
  private static final Path DATA = Path.of(System.getProperty("maskstream.data"));
  private static final List<String> ALL =
      List.of("covered", "blinded", "frozen", "out-of-focus", "moved");
  private static final UnaryOperator<Picture> CLEAN = UnaryOperator.identity();

  private static List<Picture> yard;
  private static List<Picture> drive;

  @BeforeAll
  static void read() throws IOException {
    yard = clip("vtest.avi");
    drive = drive();
  }

  @AfterAll
  static void free() {
    yard = List.of();
    drive = List.of();
  }

  /** Pictures of a clip, one in 500 ms. */
  private static List<Picture> clip(String name) throws IOException {
    List<Picture> pictures = new ArrayList<>();
    try (VideoFile video = VideoFile.open(DATA.resolve("video").resolve(name))) {
      long next = 0;
      for (var shot = video.next(); shot.isPresent(); shot = video.next()) {
        if (shot.get().mediaMicros() >= next) {
          pictures.add(shot.get().picture());
          next += 500_000;
        }
      }
    }
    return pictures;
  }

  /** Frames of CamVid's val drive, taken as one in 500 ms. */
  private static List<Picture> drive() throws IOException {
    List<Picture> pictures = new ArrayList<>();
    try (Stream<Path> files = Files.list(DATA.resolve("camvid/val"))) {
      for (Path file : files.sorted().toList()) {
        pictures.add(PictureCodec.decode(Files.readAllBytes(file), ContentType.PNG, 480, 360));
      }
    }
    return pictures;
  }

  /** Events over a clip, the fault being in pictures {@code from} to {@code to}. */
  private static List<String> notices(
      List<String> conditions, List<Picture> clip, int from, int to, UnaryOperator<Picture> fault) {
    HealthEvaluator evaluator =
        new HealthEvaluator(
            YamlReader.defaults(CameraHealthConfig.class, Map.of("conditions", conditions)));
    @Nullable HealthState state = null;
    List<String> notices = new ArrayList<>();
    for (int i = 0; i < clip.size(); i++) {
      Picture picture = (i >= from && i < to ? fault : CLEAN).apply(clip.get(i));
      PictureStats stats =
          PictureMeter.measure(
              new FrameId("clip", 1, i, 500_000L * i),
              PictureScaler.scale(picture, PictureMeter.WIDTH, PictureMeter.HEIGHT),
              false);
      HealthEvaluator.Step step = evaluator.step(state, stats, 500L * i);
      state = step.state();
      for (Event event : step.events()) {
        notices.add(event.subject() + " " + event.notice());
      }
    }
    return notices;
  }

  @Test
  void untouchedClips_giveNoEvent() throws Exception {
    assertThat(notices(ALL, yard, 0, 0, CLEAN)).isEmpty();
    assertThat(notices(ALL, clip("solidWhiteRight.mp4"), 0, 0, CLEAN)).isEmpty();
    List<String> defaults = List.of("covered", "blinded", "frozen", "out-of-focus");
    assertThat(notices(defaults, drive, 0, 0, CLEAN)).isEmpty();
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("blinded", picture -> Faults.exposed(picture, 1 / 16.0)),
        fault("blinded", picture -> Faults.exposed(picture, 8)),
        fault("covered", picture -> Faults.covered(picture, 1)),
        fault("covered", picture -> Faults.covered(picture, 0.9)),
        fault("out-of-focus", picture -> Faults.blurred(picture, 2)),
        fault("out-of-focus", picture -> Faults.blurred(picture, 8)),
        fault("out-of-focus", picture -> Faults.blurred(picture, 25)));
  }

  static Stream<Arguments> moves() {
    return Stream.of(
        fault("moved", picture -> Faults.turned(picture, 0.2)),
        fault("moved", picture -> Faults.turned(picture, 0.3)));
  }

  private static Arguments fault(String condition, UnaryOperator<Picture> fault) {
    return Arguments.of(condition, fault);
  }

  @ParameterizedTest
  @MethodSource({"faults", "moves"})
  void fault_ofAYardForTwentySeconds_isOneEvent(String condition, UnaryOperator<Picture> fault)
      throws Exception {
    assertThat(notices(ALL, yard, 60, 100, fault))
        .containsExactly(condition + " started", condition + " ended");
  }

  @Test
  void frozenYard_isOneEvent() throws Exception {
    Picture still = yard.get(59);
    assertThat(notices(ALL, yard, 60, 110, picture -> still))
        .containsExactly("frozen started", "frozen ended");
  }

  @ParameterizedTest
  @MethodSource("faults")
  void fault_ofADrive_isOneEvent(String condition, UnaryOperator<Picture> fault) throws Exception {
    List<String> defaults = List.of("covered", "blinded", "frozen", "out-of-focus");
    assertThat(notices(defaults, drive, 40, 70, fault))
        .containsExactly(condition + " started", condition + " ended");
  }
}
