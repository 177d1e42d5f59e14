package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.PictureCodec;
import java.util.BitSet;

/** The small picture of an event: gray where classes are hidden, the camera's elsewhere. */
final class RedactedSnapshot {
  private static final int WIDTH = 320;
  private static final int HEIGHT = 240;
  private static final int GRAY = 128;

  /** Of a value, after two JPEGs and a scaling. */
  private static final double MOST_ERROR = 8;

  private RedactedSnapshot() {}

  /** Sum of absolute differences. */
  private static final class Difference {
    private double sum;
    private int count;

    void add(double found, double expected) {
      sum += Math.abs(found - expected);
      count++;
    }

    double mean() {
      return sum / count;
    }
  }

  /**
   * Checks it.
   *
   * @param camera the raw picture of the frame
   * @param hidden its pixels that no one may see
   */
  static void check(byte[] jpeg, Picture camera, Mask mask, BitSet hidden) {
    Picture shown = PictureCodec.decode(jpeg, ContentType.JPEG, WIDTH, HEIGHT);
    assertThat(shown.width()).isEqualTo(WIDTH);
    Difference fromGray = new Difference();
    Difference fromCamera = new Difference();
    Difference elsewhere = new Difference();
    Difference fromMask = new Difference();
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int column = x * camera.width() / WIDTH;
        int row = y * camera.height() / HEIGHT;
        int color = color(mask, x, y);
        for (int c = 0; c < 3; c++) {
          int found = shown.rgb()[3 * (y * WIDTH + x) + c] & 0xFF;
          int raw = camera.rgb()[3 * (row * camera.width() + column) + c] & 0xFF;
          int drawn = color >> (16 - 8 * c) & 0xFF; // half of it, half of what is under it
          if (hidden.get(row * camera.width() + column)) {
            fromGray.add(found, (GRAY + drawn) / 2.0);
            fromCamera.add(found, (raw + drawn) / 2.0);
          } else {
            elsewhere.add(found, (raw + drawn) / 2.0);
            fromMask.add(found, drawn);
          }
        }
      }
    }
    assertThat(fromGray.mean()).as("hidden, from gray").isLessThan(MOST_ERROR);
    assertThat(fromCamera.mean()).as("hidden, from the picture").isGreaterThan(MOST_ERROR);
    assertThat(elsewhere.mean()).as("shown, from the picture").isLessThan(2 * MOST_ERROR);
    assertThat(fromMask.mean()).as("shown, from the mask alone").isGreaterThan(2 * MOST_ERROR);
  }

  private static int color(Mask mask, int x, int y) {
    int label = mask.at(x * mask.width() / WIDTH, y * mask.height() / HEIGHT);
    return ClassTable.camvid11().classes().get(label).color();
  }
}
