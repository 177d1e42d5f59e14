package io.maskstream.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OverlayTest {
  private static final ClassTable TABLE =
      new ClassTable(
          "two",
          List.of(
              new SegmentationClass("a", 0x102030, "g"),
              new SegmentationClass("b", 0xF0C080, "g")));

  private static Picture gray(int width, int height, int value) {
    byte[] rgb = new byte[3 * width * height];
    java.util.Arrays.fill(rgb, (byte) value);
    return new Picture(width, height, rgb);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @Test
  void draw_opaque_isTheColorOfEachClass_voidBlack() {
    Mask mask = new Mask(3, 1, bytes(0, 1, ClassTable.VOID));
    assertThat(Overlay.draw(gray(3, 1, 200), mask, TABLE, 1).rgb())
        .containsExactly(bytes(0x10, 0x20, 0x30, 0xF0, 0xC0, 0x80, 0, 0, 0));
  }

  @Test
  void draw_transparent_isThePicture() {
    Picture picture = gray(2, 1, 200);
    assertThat(Overlay.draw(picture, new Mask(2, 1, bytes(0, 1)), TABLE, 0).rgb())
        .containsExactly(picture.rgb());
  }

  @Test
  void draw_quarter_mixesOneQuarterOfTheColor() {
    // (200·192 + color·64) / 256
    assertThat(Overlay.draw(gray(1, 1, 200), new Mask(1, 1, bytes(1)), TABLE, 0.25).rgb())
        .containsExactly(bytes(210, 198, 182));
  }

  @Test
  void draw_smallerMask_isScaledToThePicture() {
    Mask mask = new Mask(1, 2, bytes(0, 1));
    byte[] rgb = Overlay.draw(gray(2, 4, 0), mask, TABLE, 1).rgb();
    for (int n = 0; n < 8; n++) {
      assertThat(rgb[3 * n]).isEqualTo((byte) (n < 4 ? 0x10 : 0xF0));
    }
  }

  @Test
  void draw_opacityOutOfRange_isRefused() {
    Mask mask = new Mask(1, 1, new byte[1]);
    assertThatThrownBy(() -> Overlay.draw(gray(1, 1, 0), mask, TABLE, 1.1))
        .hasMessage("opacity must be 0 to 1, is 1.1");
    assertThatThrownBy(() -> Overlay.draw(gray(1, 1, 0), mask, TABLE, -0.1))
        .hasMessage("opacity must be 0 to 1, is -0.1");
  }

  @Test
  void pictures_ofAnotherSizeThanTheirBytes_areRefused() {
    assertThatThrownBy(() -> new Picture(2, 2, new byte[11]))
        .hasMessage("a picture of 2×2 needs 3·width·height bytes, has 11");
    assertThatThrownBy(() -> new Picture(0, 2, new byte[0])).hasMessageContaining("0×2");
    assertThatThrownBy(() -> new Picture(2, 0, new byte[0])).hasMessageContaining("2×0");
    assertThatThrownBy(() -> new LabeledPicture(gray(2, 1, 0), new Mask(1, 1, new byte[1])))
        .hasMessageContaining("picture is 2×1");
    assertThatThrownBy(() -> new LabeledPicture(gray(1, 2, 0), new Mask(1, 1, new byte[1])))
        .hasMessageContaining("picture is 1×2");
  }
}
