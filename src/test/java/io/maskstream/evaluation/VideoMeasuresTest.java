package io.maskstream.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Boundary IoU and consistency along optical flow, on made masks and motion. */
class VideoMeasuresTest {
  private static final int WIDTH = 160;
  private static final int HEIGHT = 120;

  /** A square of class 1 with its left upper corner at a place, on class 0. */
  private static Mask square(int x, int y) {
    byte[] labels = new byte[WIDTH * HEIGHT];
    for (int row = y; row < y + 40; row++) {
      for (int column = x; column < x + 40; column++) {
        labels[row * WIDTH + column] = 1;
      }
    }
    return new Mask(WIDTH, HEIGHT, labels);
  }

  @Test
  void boundaryIou_ofTheSameMask_isOne() {
    BoundaryIou measure = new BoundaryIou(2);
    measure.add(square(50, 40), square(50, 40));
    assertThat(measure.mean()).isEqualTo(1.0);
  }

  @Test
  void boundaryIou_ofAShiftedSquare_matchesTheCountByHand() {
    // The diagonal is 200 pixels, so d is 1: the outline of 40×40, 156 pixels. Shifted by one pixel
    // to
    // the right, top and bottom row share 39 pixels each, the sides nothing but those rows' ends.
    BoundaryIou measure = new BoundaryIou(2);
    measure.add(square(50, 40), square(51, 40));
    assertThat(measure.iou(1)).isCloseTo(78.0 / (156 + 156 - 78), within(1e-9));
    ConfusionMatrix whole = new ConfusionMatrix(2);
    whole.add(square(50, 40), square(51, 40));
    assertThat(measure.iou(1)).isLessThan(whole.iou(1));
  }

  /** Smooth noise, so that flow can be found everywhere, moved to the right by some pixels. */
  private static Picture texture(int shift) {
    Random random = new Random(4);
    double[] phase = random.doubles(12, 0, 6.28).toArray();
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        double value = 0;
        for (int i = 0; i < phase.length; i++) {
          value += Math.sin((x - shift) * (0.05 + 0.03 * i) + y * (0.3 - 0.02 * i) + phase[i]);
        }
        byte gray = (byte) Math.max(0, Math.min(255, 128 + 18 * value));
        int i = 3 * (y * WIDTH + x);
        rgb[i] = gray;
        rgb[i + 1] = gray;
        rgb[i + 2] = gray;
      }
    }
    return new Picture(WIDTH, HEIGHT, rgb);
  }

  @Test
  void consistency_ofLabelsThatMoveWithThePicture_isHighAndOfLabelsThatStayLower() {
    FlowConsistency moving = new FlowConsistency();
    FlowConsistency staying = new FlowConsistency();
    for (int frame = 0; frame < 4; frame++) {
      moving.add(texture(3 * frame), square(40 + 3 * frame, 40), frame == 0);
      staying.add(texture(3 * frame), square(40, 40), frame == 0);
    }
    assertThat(moving.consistency()).isGreaterThan(0.995);
    assertThat(staying.consistency()).isLessThan(moving.consistency() - 0.005);
  }

  @Test
  void staticFlips_countOnlyPixelsThatRest() {
    FlowConsistency still = new FlowConsistency();
    FlowConsistency moving = new FlowConsistency();
    still.add(texture(0), square(40, 40), true);
    still.add(texture(0), square(44, 40), false);
    // 2 × 4 × 40 pixels of 160 × 120 changed.
    assertThat(still.staticFlipRate()).isCloseTo(320.0 / (WIDTH * HEIGHT), within(0.004));
    moving.add(texture(0), square(40, 40), true);
    moving.add(texture(5), square(44, 40), false);
    assertThat(moving.staticFlipRate()).isNaN();
  }

  @Test
  void newSequence_isNotComparedWithTheOneBefore() {
    FlowConsistency flow = new FlowConsistency();
    flow.add(texture(0), square(40, 40), true);
    flow.add(texture(0), square(90, 40), true);
    assertThat(flow.consistency()).isNaN();
  }

  private static Mask row(int... labels) {
    byte[] bytes = new byte[labels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) labels[i];
    }
    return new Mask(bytes.length, 1, bytes);
  }

  @Test
  void videoConsistency_countsPixelsThatAreRightInAllFramesOfAWindow() {
    VideoConsistency measure = new VideoConsistency(2, 2);
    measure.add(row(0, 1, 1, 9, 0), row(0, 1, 0, 0, 0), true);
    assertThat(measure.mean()).isNaN();
    // Steady truth: pixels 0 to 2; of these, 0 and 1 are right in both frames.
    measure.add(row(0, 1, 1, 9, 1), row(0, 1, 1, 0, 1), false);
    assertThat(measure.mean()).isCloseTo(2 / 3.0, within(1e-12));
    measure.add(row(0, 0, 0, 0, 0), row(0, 0, 0, 0, 0), true); // no window across sequences
    assertThat(measure.mean()).isCloseTo(2 / 3.0, within(1e-12));
  }

  @Test
  void majorityVote_takesWhatMostFramesSayAndElseTheNewest() {
    MajorityVote vote = new MajorityVote(3);
    assertThat(vote.add(row(1, 2, 3), true).labels()).containsExactly(1, 2, 3);
    assertThat(vote.add(row(2, 2, 4), false).labels()).containsExactly(2, 2, 4);
    assertThat(vote.add(row(1, 3, 5), false).labels()).containsExactly(1, 2, 5);
    assertThat(vote.add(row(4, 3, 5), false).labels()).containsExactly(4, 3, 5);
    assertThat(vote.add(row(7, 7, 7), true).labels()).containsExactly(7, 7, 7);
  }
}
