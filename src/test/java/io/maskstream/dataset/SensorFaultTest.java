package io.maskstream.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SensorFaultTest {
  private static final int WIDTH = 64;
  private static final int HEIGHT = 48;

  /** A gray field with a white square. */
  private static byte[] picture() {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    for (int i = 0; i < rgb.length; i++) {
      int x = i / 3 % WIDTH;
      int y = i / 3 / WIDTH;
      boolean inside = x >= 20 && x < 40 && y >= 10 && y < 30;
      rgb[i] = (byte) (inside ? 240 : 100);
    }
    return rgb;
  }

  private static byte[] after(SensorFault fault) {
    byte[] rgb = picture();
    fault.apply(rgb, WIDTH, new Random(1));
    return rgb;
  }

  private static double mean(byte[] rgb) {
    double sum = 0;
    for (byte value : rgb) {
      sum += value & 0xFF;
    }
    return sum / rgb.length;
  }

  /** Mean distance of a picture from the one without faults. */
  private static double change(byte[] rgb) {
    byte[] before = picture();
    double sum = 0;
    for (int i = 0; i < rgb.length; i++) {
      sum += Math.abs((rgb[i] & 0xFF) - (before[i] & 0xFF));
    }
    return sum / rgb.length;
  }

  @Test
  void none_changesNothing() {
    assertThat(after(SensorFault.NONE)).isEqualTo(picture());
  }

  @Test
  void darkness_isGainTimesPower() {
    byte[] rgb = after(new SensorFault(0.5, 2, 0, 0, 0));
    assertThat(rgb[0] & 0xFF).isEqualTo(20); // 255 · 0.5 · (100 / 255)²
    assertThat(rgb[3 * (20 * WIDTH + 30)] & 0xFF).isEqualTo(113);
  }

  @Test
  void blur_keepsTheMeanAndMovesTheEdge() {
    byte[] rgb = after(new SensorFault(1, 1, 2, 0, 0));
    assertThat(mean(rgb)).isCloseTo(mean(picture()), offset(0.5));
    assertThat(rgb[3 * (20 * WIDTH + 20)] & 0xFF).isBetween(140, 200);
  }

  @Test
  void noise_hasItsDeviation() {
    byte[] rgb = after(new SensorFault(1, 1, 0, 10, 0));
    double deviation = change(rgb) / Math.sqrt(2 / Math.PI); // of a normal distribution
    assertThat(deviation).isBetween(9.0, 10.5);
  }

  @Test
  void compression_changesMoreAtLowerQualityAndKeepsColors() {
    double good = change(after(new SensorFault(1, 1, 0, 0, 50)));
    double poor = change(after(new SensorFault(1, 1, 0, 0, 6)));
    assertThat(good).isPositive().isLessThan(poor);
    assertThat(poor).isLessThan(20);
    byte[] red = new byte[3 * WIDTH * HEIGHT];
    for (int i = 0; i < red.length; i += 3) {
      red[i] = (byte) 200;
    }
    new SensorFault(1, 1, 0, 0, 50).apply(red, WIDTH, new Random(1));
    assertThat(red[0] & 0xFF).isBetween(180, 220);
    assertThat(red[2] & 0xFF).isLessThan(30);
  }

  @Test
  void draw_leavesEachPartOutInHalfOfTheCases() {
    int dark = 0;
    int compressed = 0;
    Random random = new Random(1);
    for (int i = 0; i < 400; i++) {
      SensorFault fault = SensorFault.draw(random);
      dark += fault.gain() < 1 ? 1 : 0;
      compressed += fault.quality() > 0 ? 1 : 0;
      assertThat(fault.gain()).isBetween(0.35, 1.0);
      assertThat(fault.quality()).isBetween(0, 50);
    }
    assertThat(dark).isBetween(160, 240);
    assertThat(compressed).isBetween(160, 240);
  }
}
