package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.prototype.Observation;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LetterboxTest {
  private static final int INPUT_WIDTH = 480;
  private static final int INPUT_HEIGHT = 360;

  @ParameterizedTest
  @CsvSource({
    "960, 720, 480, 360, 0, 0",
    "1920, 1080, 480, 270, 0, 45",
    "720, 1280, 203, 360, 138, 0",
    "100, 100, 360, 360, 60, 0",
    "8000, 2, 480, 1, 0, 179"
  })
  void of_anyShape_isCentredAndKeepsIt(
      int width, int height, int innerWidth, int innerHeight, int left, int top) {
    Letterbox place = Letterbox.of(width, height, INPUT_WIDTH, INPUT_HEIGHT);
    assertThat(place)
        .isEqualTo(new Letterbox(INPUT_WIDTH, INPUT_HEIGHT, left, top, innerWidth, innerHeight));
  }

  @Test
  void apply_border_mirrorsTheEdge() {
    byte[] rgb = new byte[3 * 4 * 2]; // upper row 10, lower row 20
    java.util.Arrays.fill(rgb, 0, 12, (byte) 10);
    java.util.Arrays.fill(rgb, 12, 24, (byte) 20);
    Picture input = Letterbox.of(4, 2, 4, 4).apply(new Picture(4, 2, rgb));
    assertThat(new byte[] {at(input, 0), at(input, 1), at(input, 2), at(input, 3)})
        .containsExactly(10, 10, 20, 20);
  }

  @Test
  void apply_borders_areOnEachSideAsWideAsTheyShouldBe() {
    Letterbox place = Letterbox.of(2, 4, 5, 4); // one column on the left, two on the right
    assertThat(place).isEqualTo(new Letterbox(5, 4, 1, 0, 2, 4));
    byte[] rgb = new byte[3 * 2 * 4];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / 3 % 2 == 0 ? 10 : 20);
    }
    Picture input = place.apply(new Picture(2, 4, rgb));
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 5; x++) {
        int expected = new int[] {10, 10, 20, 20, 10}[x];
        assertThat(input.rgb()[3 * (5 * y + x)]).isEqualTo((byte) expected);
      }
    }
  }

  @Test
  void crop_isThePartOfTheMaskThatShowsThePicture() {
    byte[] labels = new byte[5 * 4];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) i;
    }
    Mask inner = Letterbox.of(2, 4, 5, 4).crop(new Mask(5, 4, labels));
    assertThat(inner.labels()).containsExactly(1, 2, 6, 7, 11, 12, 16, 17);
    assertThat(inner.width()).isEqualTo(2);
  }

  @Test
  void full_isAPictureOfTheSameShape() {
    assertThat(Letterbox.of(10, 8, 5, 4).full()).isTrue();
    assertThat(Letterbox.of(10, 4, 5, 4).full()).isFalse();
    assertThat(Letterbox.of(2, 4, 5, 4).full()).isFalse();
  }

  private static byte at(Picture picture, int row) {
    return picture.rgb()[3 * picture.width() * row];
  }

  /** A model that takes red for class 1 and all else for class 0. */
  private static final class RedFinder implements FrameSegmenter {
    @Override
    public Inference segment(SegmentationRequest request) {
      Picture picture = request.picture();
      assertThat(picture.width()).isEqualTo(INPUT_WIDTH);
      assertThat(picture.height()).isEqualTo(INPUT_HEIGHT);
      byte[] labels = new byte[picture.width() * picture.height()];
      int red = 0;
      for (int i = 0; i < labels.length; i++) {
        labels[i] = (byte) (picture.rgb()[3 * i] < 0 ? 1 : 0);
        red += labels[i];
      }
      Mask mask = new Mask(picture.width(), picture.height(), labels);
      Labels found = new Labels(mask, new int[] {labels.length - red, red}, new float[2]);
      return new Inference(
          new ModelOutput(
              Optional.of(found),
              Optional.empty(),
              new Observation(request.prior(), request.trust(), 0)),
          0);
    }

    @Override
    public void close() {}
  }

  private static ModelCard card() {
    ClassTable two = new ClassTable("two", ClassTable.camvid11().classes().subList(0, 2));
    return new ModelCard(
        "red",
        "1",
        "plain",
        "two",
        ModelCard.entries(two),
        INPUT_WIDTH,
        INPUT_HEIGHT,
        4,
        3,
        1,
        "none",
        "none",
        "",
        "",
        Map.of(),
        0,
        Map.of(),
        ModelCard.NOT_MEASURED,
        ModelCard.EXACT_WEIGHT_BITS,
        ModelCard.NO_THRESHOLD);
  }

  /** Each cell of the whole map holds its row. */
  @ParameterizedTest
  @CsvSource({
    "960, 720, 120, 90, 0",
    "1920, 1080, 120, 68, 11",
    "720, 1280, 51, 90, 0",
    "8000, 2, 120, 1, 45"
  })
  void crop_map_keepsTheCellsOfThePicture(
      int width, int height, int columns, int rows, int firstRow) {
    byte[] values = new byte[120 * 90];
    for (int n = 0; n < values.length; n++) {
      values[n] = (byte) (n / 120);
    }
    Letterbox place = Letterbox.of(width, height, INPUT_WIDTH, INPUT_HEIGHT);
    ConfidenceMap cropped = place.crop(new ConfidenceMap(120, 90, values));
    assertThat(cropped.width()).isEqualTo(columns);
    assertThat(cropped.height()).isEqualTo(rows);
    assertThat(cropped.at(0, 0)).isEqualTo(firstRow);
    assertThat(cropped.at(columns - 1, rows - 1)).isEqualTo(firstRow + rows - 1);
  }

  /** 16:9 with a red square of a third of the height. */
  private static Picture squareOnWide(int width, int height, int side) {
    byte[] rgb = new byte[3 * width * height];
    for (int y = height / 3; y < height / 3 + side; y++) {
      for (int x = width / 2; x < width / 2 + side; x++) {
        rgb[3 * (y * width + x)] = (byte) 255;
      }
    }
    return new Picture(width, height, rgb);
  }

  @Test
  void segment_wideFrame_aSquareStaysASquareAtItsPlace() {
    CameraSegmenter segmenter =
        new CameraSegmenter(
            card(),
            new RedFinder(),
            Reuse.of(Reuse.Policy.PER_FRAME).build(),
            ResetRules.defaults(),
            ConfidenceOutput.NONE);
    Picture picture = squareOnWide(1280, 720, 240);
    Segmentation result =
        segmenter
            .segment(new CameraSegmenter.FrameInput(0, 0, picture), null, Optional.empty())
            .segmentation();
    assertThat(result.mask().width()).isEqualTo(480);
    assertThat(result.mask().height()).isEqualTo(270);
    assertThat(result.pixels()).containsExactly(480 * 270 - 90 * 90, 90 * 90);
    Mask atSource = result.mask().scaled(1280, 720);
    int wrong = 0;
    for (int i = 0; i < atSource.labels().length; i++) {
      wrong += (picture.rgb()[3 * i] != 0) == (atSource.labels()[i] == 1) ? 0 : 1;
    }
    assertThat(wrong).isLessThan(4 * 240 * 2); // two pixels along the edge
  }
}
