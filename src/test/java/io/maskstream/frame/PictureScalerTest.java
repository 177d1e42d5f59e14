package io.maskstream.frame;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PictureScalerTest {

  /** Gray pixels. */
  private static Picture gray(int width, int height, int... values) {
    byte[] rgb = new byte[3 * values.length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) values[i / 3];
    }
    return new Picture(width, height, rgb);
  }

  private static void assertGray(Picture picture, int... values) {
    assertThat(picture.rgb())
        .containsExactly(gray(picture.width(), picture.height(), values).rgb());
  }

  @Test
  void sameSize_isTheSamePicture() {
    Picture picture = gray(2, 1, 10, 20);
    assertThat(PictureScaler.scale(picture, 2, 1)).isSameAs(picture);
  }

  @Test
  void smaller_isTheMeanOfTheArea_alongEitherSide() {
    assertGray(PictureScaler.scale(gray(4, 1, 0, 100, 200, 40), 1, 1), 85);
    assertGray(PictureScaler.scale(gray(1, 4, 0, 100, 200, 40), 1, 1), 85);
  }

  @Test
  void halfOfTheSize_isTheMeanOfEachPair() {
    assertGray(PictureScaler.scale(gray(4, 1, 0, 100, 200, 40), 2, 1), 50, 120);
  }

  @Test
  void threeQuarters_isInterpolated_withoutALostPixel() {
    assertGray(PictureScaler.scale(gray(4, 1, 0, 120, 0, 0), 3, 1), 20, 60, 0);
    assertGray(PictureScaler.scale(gray(4, 1, 0, 0, 0, 120), 3, 1), 0, 0, 100);
  }

  @Test
  void larger_isInterpolated() {
    assertGray(PictureScaler.scale(gray(2, 1, 0, 100), 4, 1), 0, 25, 75, 100);
    assertGray(PictureScaler.scale(gray(1, 2, 0, 100), 1, 4), 0, 25, 75, 100);
  }
}
