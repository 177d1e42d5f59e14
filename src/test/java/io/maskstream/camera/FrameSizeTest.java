package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameSizeTest {

  @Test
  void within_oddFrame_isNotEnlarged() {
    assertThat(new FrameSize(333, 251).within(480, 360)).isEqualTo(new FrameSize(332, 250));
    assertThat(new FrameSize(1, 1).within(480, 360)).isEqualTo(new FrameSize(2, 2));
  }

  @Test
  void within_anyFrame_isEvenAndInsideOfBoth() {
    Random random = new Random(5);
    for (int i = 0; i < 1_000; i++) {
      FrameSize frame = new FrameSize(2 + random.nextInt(900), 2 + random.nextInt(900));
      FrameSize bound = new FrameSize(16 + random.nextInt(900), 16 + random.nextInt(900));
      FrameSize size = frame.within(bound.width(), bound.height());
      assertThat(size.width() % 2 + size.height() % 2).isZero();
      assertThat(size.width()).isBetween(2, Math.min(frame.width(), bound.width()));
      assertThat(size.height()).isBetween(2, Math.min(frame.height(), bound.height()));
    }
  }

  @Test
  void withPixels_thatAreNotSquare_makesASideShorter() {
    FrameSize pal = new FrameSize(720, 576);
    assertThat(pal.withPixels(16 / 15.0)).isEqualTo(new FrameSize(720, 540));
    assertThat(pal.withPixels(0.5)).isEqualTo(new FrameSize(360, 576));
    assertThat(pal.withPixels(1)).isEqualTo(pal);
    assertThat(pal.withPixels(100)).isEqualTo(pal);
  }
}
