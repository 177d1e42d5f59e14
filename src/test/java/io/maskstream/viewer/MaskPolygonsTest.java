package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_32SC2;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgproc.fillPoly;

import io.maskstream.frame.Mask;
import io.maskstream.synthetic.SyntheticStreet;
import java.nio.IntBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.junit.jupiter.api.Test;

class MaskPolygonsTest {

  private static Mask mask(String... rows) {
    byte[] labels = new byte[rows.length * rows[0].length()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) (rows[i / rows[0].length()].charAt(i % rows[0].length()) - '0');
    }
    return new Mask(rows[0].length(), rows.length, labels);
  }

  @Test
  void of_frameWithAHole_hasOutlineAndHole() {
    List<MaskPolygons.Region> regions =
        MaskPolygons.of(mask("000000", "033330", "030030", "033330", "000000"), 3);
    assertThat(regions).hasSize(1);
    MaskPolygons.Region region = regions.get(0);
    assertThat(region.outline()).containsExactly(1, 1, 1, 3, 4, 3, 4, 1);
    assertThat(region.holes()).hasSize(1);
    assertThat(region.holes().get(0)).containsExactly(1, 2, 2, 1, 3, 1, 4, 2, 3, 3, 2, 3);
    assertThat(region.area()).isEqualTo(10);
    assertThat(region.box()).containsExactly(1, 1, 4, 3);
  }

  @Test
  void of_pixelAndLine_haveThreePoints() {
    List<MaskPolygons.Region> regions = MaskPolygons.of(mask("50000", "00055"), 5);
    assertThat(regions.stream().map(MaskPolygons.Region::outline))
        .containsExactlyInAnyOrder(new int[] {0, 0, 0, 0, 0, 0}, new int[] {3, 1, 4, 1, 3, 1});
  }

  @Test
  void of_classThatDoesNotOccur_isEmpty() {
    assertThat(MaskPolygons.of(mask("00", "01"), 5)).isEmpty();
  }

  private static Mat points(int[] polygon) {
    Mat points = new Mat(polygon.length / 2, 1, CV_32SC2);
    IntBuffer buffer = points.createBuffer();
    buffer.put(polygon);
    return points;
  }

  private static byte[] painted(Mask mask, int id) {
    try (Mat canvas = new Mat(mask.height(), mask.width(), CV_8UC1, new Scalar(0))) {
      for (MaskPolygons.Region region : MaskPolygons.of(mask, id)) {
        Mat[] polygons =
            Stream.concat(Stream.of(region.outline()), region.holes().stream())
                .map(MaskPolygonsTest::points)
                .toArray(Mat[]::new);
        fillPoly(canvas, new MatVector(polygons), new Scalar(1));
      }
      byte[] bytes = new byte[mask.labels().length];
      canvas.data().get(bytes);
      return bytes;
    }
  }

  private static void paintsBack(Mask mask, int id) {
    byte[] expected = new byte[mask.labels().length];
    int pixels = 0;
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (byte) (Byte.toUnsignedInt(mask.labels()[i]) == id ? 1 : 0);
      pixels += expected[i];
    }
    assertThat(painted(mask, id)).as("class " + id).isEqualTo(expected);
    assertThat(MaskPolygons.of(mask, id).stream().mapToInt(MaskPolygons.Region::area).sum())
        .isEqualTo(pixels);
  }

  @Test
  void of_street_paintsEveryClassBack() {
    Mask mask = new SyntheticStreet(4, 320, 240).at(Duration.ofSeconds(1)).groundTruth();
    for (int id = 0; id < 11; id++) {
      paintsBack(mask, id);
    }
  }

  @Test
  void of_noise_paintsEveryClassBack() {
    Random random = new Random(2);
    for (int n = 0; n < 50; n++) {
      byte[] labels = new byte[30 * 20];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = (byte) random.nextInt(3);
      }
      for (int id = 0; id < 3; id++) {
        paintsBack(new Mask(30, 20, labels), id);
      }
    }
  }
}
