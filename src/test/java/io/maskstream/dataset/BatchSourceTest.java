package io.maskstream.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Picture;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

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
}
