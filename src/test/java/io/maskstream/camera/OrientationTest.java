package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.Picture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrientationTest {

  /** Rows abc, def: each pixel's three bytes are its letter. */
  private static Picture letters(String rows) {
    String[] lines = rows.split("/");
    StringBuilder all = new StringBuilder();
    for (String line : lines) {
      line.chars().forEach(letter -> all.append(String.valueOf((char) letter).repeat(3)));
    }
    byte[] rgb = all.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    return new Picture(lines[0].length(), lines.length, rgb);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0, 1, abc/def",
    "0, 1, -1, 0, da/eb/fc", // a quarter to the right
    "-1, 0, 0, -1, fed/cba",
    "0, -1, 1, 0, cf/be/ad", // a quarter to the left
    "-1, 0, 0, 1, cba/fed",
    "1, 0, 0, -1, def/abc",
    "0, 1, 1, 0, ad/be/cf",
    "0, -1, -1, 0, fc/eb/da",
  })
  void apply_turnsAndMirrors(int a, int b, int c, int d, String shown) {
    Picture turned = Orientation.of(a << 16, b << 16, c << 16, d << 16).apply(letters("abc/def"));
    Picture expected = letters(shown);
    assertThat(turned.width()).isEqualTo(expected.width());
    assertThat(turned.height()).isEqualTo(expected.height());
    assertThat(turned.rgb()).isEqualTo(expected.rgb());
  }

  @Test
  void otherAngles_areLeft() {
    assertThat(Orientation.of(46_341, 46_341, -46_341, 46_341)).isEqualTo(Orientation.UPRIGHT);
    assertThat(Orientation.of(0, 0, 0, 0)).isEqualTo(Orientation.UPRIGHT);
    assertThat(Orientation.of(65_536, 0, 0, 0)).isEqualTo(Orientation.UPRIGHT);
  }
}
