package io.maskstream.app.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.frame.ScalablePicture;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Segmentation;
import io.maskstream.prototype.Observation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pure parts of a replay. */
class ReplayTest {
  private static final FrameId FRAME = new FrameId("a", 7, 1, 1_000);

  private static Mask mask(int... labels) {
    byte[] bytes = new byte[labels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) labels[i];
    }
    return new Mask(labels.length, 1, bytes);
  }

  private static String digest(FrameId frame, Mask mask) {
    MaskDigests digests = new MaskDigests();
    digests.add(frame, mask);
    return digests.finish().get(frame.camera());
  }

  /** A side without masks. */
  private record Classes(ClassTable table) implements MaskSource {
    @Override
    public String name() {
      return table.id();
    }

    @Override
    public Optional<TimedMask> mask(RecordedFrames.Frame frame, ScalablePicture picture) {
      return Optional.empty();
    }

    @Override
    public ClassTable table(String camera) {
      return table;
    }
  }

  @Test
  void otherClasses_areRefused_otherIdsAreNot() throws Exception {
    ClassTable ours = ClassTable.camvid11();
    ClassTable renamed = new ClassTable("mine", ours.classes());
    ClassTable fewer = new ClassTable("few", ours.classes().subList(0, 2));
    Replay.requireSameClasses(List.of("gate"), new Classes(ours), new Classes(renamed));
    assertThatThrownBy(
            () -> Replay.requireSameClasses(List.of("gate"), new Classes(ours), new Classes(fewer)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("of camera gate, they are camvid11 [sky")
        .hasMessageEndingWith("few [sky, building]");
  }

  @Test
  void agreement_isTheShareOfEqualLabels() {
    assertThat(Replay.agreement(mask(1, 2, 255, 4).labels(), mask(1, 3, 255, 0).labels()))
        .isEqualTo(0.5);
  }

  @Test
  void digest_dependsOnFrameShapeAndLabels() {
    String digest = digest(FRAME, mask(1, 2));
    assertThat(digest).hasSize(64).isEqualTo(digest(FRAME, mask(1, 2)));
    assertThat(digest)
        .isNotEqualTo(digest(FRAME, mask(2, 1)))
        .isNotEqualTo(digest(FRAME, new Mask(1, 2, new byte[] {1, 2})))
        .isNotEqualTo(digest(new FrameId("a", 7, 2, 1_000), mask(1, 2)))
        .isNotEqualTo(digest(new FrameId("a", 7, 1, 1_001), mask(1, 2)));
  }

  @Test
  void confidence_hasTheWeightOfThePixels() {
    Observation nothing = new Observation(new float[0], new float[0], 1);
    Segmentation segmentation =
        new Segmentation(
            mask(0, 0, 0, 2),
            new int[] {3, 0, 1},
            new float[] {0.9f, 0, 0.5f},
            nothing,
            0,
            Optional.empty());
    assertThat(ReplaySegmenter.confidence(segmentation)).isCloseTo(0.8, within(1e-6));
  }

  @Test
  void percent_isOneHundredForIdenticalAlone() {
    assertThat(ReplayMarkdown.percent(1.0)).isEqualTo("100.00");
    assertThat(ReplayMarkdown.percent(0.999999)).isEqualTo("99.99");
    assertThat(ReplayMarkdown.percent(0.5)).isEqualTo("50.00");
    assertThat(ReplayMarkdown.percent(null)).isEqualTo("–");
  }

  @Test
  void difference_isRedWhereMasksDiffer() {
    Picture picture = new Picture(2, 1, new byte[] {30, 60, 90, 30, 60, 90});
    assertThat(FramePictures.difference(picture, mask(1, 1), mask(1, 2)).rgb())
        .containsExactly(30, 30, 30, (byte) 255, 0, 0);
  }

  @Test
  void damage_namesTheFirstAndCountsAll() {
    Damage damage = new Damage();
    for (int i = 0; i < 25; i++) {
      damage.add("offset " + i, "broken");
    }
    assertThat(damage.count()).isEqualTo(25);
    assertThat(damage.examples()).hasSize(20).startsWith("offset 0: broken");
  }

  @Test
  void spool_blocks_comeBack_andTheFileGoes(@TempDir Path folder) throws IOException {
    try (Spool spool = Spool.in(folder)) {
      Spool.Block first = spool.add("first".getBytes(StandardCharsets.UTF_8));
      Spool.Block second = spool.add("second".getBytes(StandardCharsets.UTF_8));
      assertThat(spool.read(second)).asString(StandardCharsets.UTF_8).isEqualTo("second");
      assertThat(spool.read(first)).asString(StandardCharsets.UTF_8).isEqualTo("first");
      assertThatThrownBy(() -> spool.read(new Spool.Block(9, 5))).hasMessageContaining("ends");
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }
}
