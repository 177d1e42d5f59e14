package io.maskstream.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Picture;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchSourceTest {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 72;

  private static final ViewSchedule VIEWS =
      ViewSchedule.constant(Augmentation.sized(64, 48, Appearance.Level.STRONG));

  private final StreetFrames street = new StreetFrames(1, WIDTH, HEIGHT, 8);

  /** A clip that stands still. */
  private ClipFrames clip() {
    Picture picture = street.get(0).picture();
    return new ClipFrames(
        List.of(List.of(picture, picture, picture), List.of(picture, picture, picture)));
  }

  @Test
  void batch_ofAClip_changesSuccessiveFramesAlike() throws IOException {
    BatchSource batches = new BatchSource(clip(), VIEWS, 2, 5);
    int moving = 0;
    for (int epoch = 0; epoch < 4; epoch++) {
      for (int step = 0; step < batches.steps(); step++) {
        Batch batch = batches.batch(epoch, step);
        boolean alike = Arrays.equals(batch.picture(0).rgb(), batch.picture(1).rgb());
        assertThat(batch.moving()).isEqualTo(alike ? List.of(0) : List.of());
        moving += batch.moving().size();
        for (byte label : batch.labels()) {
          assertThat(label).isEqualTo((byte) ClassTable.VOID);
        }
      }
    }
    assertThat(moving).isGreaterThanOrEqualTo(6); // others are a frame beside itself
  }

  @Test
  void batch_ofLabeledFramesAndAClip_relatesOnlyThoseOfTheClip() throws IOException {
    LabeledFrames joined = new InMemoryFrames(new JoinedFrames(List.of(street, clip())));
    BatchSource batches = new BatchSource(joined, VIEWS, 14, 5);
    for (int epoch = 0; epoch < 4; epoch++) {
      Batch batch = batches.batch(epoch, 0);
      assertThat(batch.moving()).hasSizeBetween(1, 3);
      for (int place : batch.moving()) {
        assertThat(place % 2).isZero();
        int area = batch.width() * batch.height();
        for (int i = place * area; i < (place + 2) * area; i++) {
          assertThat(batch.labels()[i]).isEqualTo((byte) ClassTable.VOID);
        }
      }
    }
  }

  @Test
  void batch_ofSuccessiveDrawnFrames_relatesThemAndKeepsTheirLabels() throws IOException {
    StreetFrames moving = StreetFrames.inMotion(1, WIDTH, HEIGHT, 8);
    BatchSource batches = new BatchSource(moving, VIEWS, 8, 5);
    for (int epoch = 0; epoch < 4; epoch++) {
      Batch batch = batches.batch(epoch, 0);
      assertThat(batch.moving().size()).isGreaterThanOrEqualTo(2);
      assertThat(batch.labels()).contains((byte) 0, (byte) 3); // sky and road
    }
    assertThat(new BatchSource(street, VIEWS, 8, 5).batch(0, 0).moving()).isEmpty();
  }

  /**
   * The first frames of the street.
   *
   * @param drawn gets the places of those that were taken
   */
  private record Few(StreetFrames street, int size, Set<Integer> drawn) implements LabeledFrames {

    @Override
    public LabeledPicture get(int index) throws IOException {
      drawn.add(index);
      return street.get(index);
    }

    @Override
    public boolean sameSequence(int first, int second) {
      return street.sameSequence(first, second);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 7})
  void batch_ofFewerFramesThanItHasViews_isFilledByRepeatingThem(int count) throws IOException {
    Few frames = new Few(street, count, new TreeSet<>());
    BatchSource batches = new BatchSource(frames, VIEWS, 8, 5);
    assertThat(batches.steps()).isEqualTo(1);
    for (int epoch = 0; epoch < 10; epoch++) {
      assertThat(batches.batch(epoch, 0).size()).isEqualTo(8);
    }
    assertThat(frames.drawn()).hasSize(count);
  }

  @Test
  void frames_none_areRefused() {
    Few none = new Few(street, 0, new TreeSet<>());
    assertThatThrownBy(() -> new BatchSource(none, VIEWS, 8, 5))
        .hasMessage("a training needs at least 1 frame, has 0");
  }
}
