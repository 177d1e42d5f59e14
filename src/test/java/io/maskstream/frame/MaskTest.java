package io.maskstream.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MaskTest {
  private static final Mask MASK = new Mask(3, 2, new byte[] {1, 2, 3, 4, 5, (byte) 255});

  @Test
  void at_isColumnThenRow_andUnsigned() {
    assertThat(MASK.at(0, 0)).isEqualTo(1);
    assertThat(MASK.at(1, 0)).isEqualTo(2);
    assertThat(MASK.at(0, 1)).isEqualTo(4);
    assertThat(MASK.at(2, 1)).isEqualTo(ClassTable.VOID);
  }

  @Test
  void scaled_sameSize_isTheSameMask() {
    assertThat(MASK.scaled(3, 2)).isSameAs(MASK);
  }

  @Test
  void scaled_oneOtherSide_isScaledAlongThatSide() {
    assertThat(MASK.scaled(3, 4).labels()).containsExactly(1, 2, 3, 1, 2, 3, 4, 5, 255, 4, 5, 255);
    assertThat(MASK.scaled(6, 2).labels()).containsExactly(1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 255, 255);
  }

  @Test
  void scaled_down_takesThePixelUnderTheCentre() {
    Mask row = new Mask(9, 1, new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8});
    assertThat(row.scaled(3, 1).labels()).containsExactly(1, 4, 7);
    assertThat(row.scaled(2, 1).labels()).containsExactly(2, 6);
    assertThat(row.scaled(2, 2)).extracting(Mask::width, Mask::height).containsExactly(2, 2);
  }

  @Test
  void wrongNumberOfLabels_isRefused() {
    assertThatThrownBy(() -> new Mask(3, 2, new byte[5]))
        .hasMessage("a mask of 3×2 needs width·height bytes, has 5");
    assertThatThrownBy(() -> new Mask(0, 2, new byte[0])).hasMessageContaining("0×2");
    assertThatThrownBy(() -> new Mask(2, 0, new byte[0])).hasMessageContaining("2×0");
    assertThat(new Mask(1, 1, new byte[1]).at(0, 0)).isZero();
  }
}
