package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.Mask;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CocoRleTest {

  private static Map<Integer, String> texts(Mask mask) {
    Map<Integer, String> texts = new TreeMap<>();
    CocoRle.encode(mask)
        .forEach(
            runs -> texts.put(runs.id(), new String(runs.counts(), StandardCharsets.US_ASCII)));
    return texts;
  }

  private static CocoRle.ClassRuns runs(int id, String counts) {
    return new CocoRle.ClassRuns(id, counts.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Down the columns 0 1 | 1 0 | 1 1 is 001011 for class 1 of {@code [[0, 1, 1], [0, 0, 1]]}: runs
   * 2 1 1 2, the fourth as 2 - 1 = 1. Class 0 is 110100: runs 0 2 1 1 2, 1 - 2 = -1 is the group
   * 11111 ("O"), 2 - 1 = 1.
   */
  @Test
  void encode_smallMask_isWhatTheRuleGivesByHand() {
    assertThat(texts(new Mask(3, 2, new byte[] {0, 1, 1, 0, 0, 1})))
        .isEqualTo(Map.of(0, "021O1", 1, "2111"));
    assertThat(texts(new Mask(2, 2, new byte[] {7, 7, 7, 7}))).isEqualTo(Map.of(7, "04"));
    assertThat(texts(new Mask(2, 1, new byte[] {-1, 3}))).isEqualTo(Map.of(3, "11", 255, "011"));
  }

  /** Texts of pycocotools 2.0.11, with numbers of several groups and negative ones. */
  @Test
  void encode_largerMasks_isWhatPycocotoolsWrites() {
    byte[] squares = new byte[9 * 7];
    for (int i = 0; i < squares.length; i++) {
      int x = i % 9;
      int y = i / 9;
      squares[i] = (byte) ((x * x + y * y) % 5);
    }
    assertThat(texts(new Mask(9, 7, squares)))
        .isEqualTo(
            Map.of(
                0, "0140O11ON0O00010O0111O10O11ON0O00010O0",
                1, "1120O13O;0E0N000O13O;",
                2, "8120O0>0C0O070J0O0=",
                3, "`0250e00[O0N",
                4, "22:OJ0M030610OJ0M030M"));
    byte[] boxes = new byte[100 * 100];
    for (int y = 10; y < 90; y++) {
      for (int x = 20; x < 60; x++) {
        boolean inner = x >= 30 && x < 40 && y >= 30 && y < 40;
        boxes[y * 100 + x] = (byte) (inner ? 2 : 1);
      }
    }
    assertThat(texts(new Mask(100, 100, boxes)))
        .isEqualTo(
            Map.of(
                0, "0jn1`2jQN" + "0".repeat(77) + "fl3",
                1,
                    "jn1`2d0"
                        + "0".repeat(18)
                        + "TNFn0"
                        + ":ROFn0".repeat(9)
                        + ":n0"
                        + "0".repeat(38)
                        + "fl3",
                2, "fn2:j2" + "0".repeat(17) + "bj5"));
  }

  @Test
  void decode_ofRandomMasks_givesThemBack() {
    Random random = new Random(5);
    for (int n = 0; n < 500; n++) {
      int width = 1 + random.nextInt(40);
      int height = 1 + random.nextInt(40);
      int run = 1 + random.nextInt(60);
      byte[] labels = new byte[width * height];
      byte label = 0;
      for (int i = 0; i < labels.length; i++) {
        label = random.nextInt(run) == 0 ? (byte) random.nextInt() : label;
        labels[i] = label;
      }
      Mask mask = new Mask(width, height, labels);
      assertThat(CocoRle.decode(width, height, CocoRle.encode(mask)).labels()).isEqualTo(labels);
    }
  }

  @Test
  void decode_runsThatAreNone_saysWhatIsWrong() {
    assertThatThrownBy(() -> CocoRle.decode(2, 2, List.of(runs(7, "05"))))
        .hasMessage("the runs of class 7 leave the mask, near byte 2 of 2");
    assertThatThrownBy(() -> CocoRle.decode(2, 2, List.of(runs(7, "0O"))))
        .hasMessage("the runs of class 7 leave the mask, near byte 2 of 2");
    assertThatThrownBy(() -> CocoRle.decode(2, 2, List.of(runs(7, "03"))))
        .hasMessage("the runs of class 7 end before the mask does, near byte 2 of 2");
    assertThatThrownBy(() -> CocoRle.decode(2, 2, List.of(runs(7, "0 4"))))
        .hasMessage(
            "the runs of class 7 have a character that is none of COCO's, near byte 2 of 3");
    assertThatThrownBy(() -> CocoRle.decode(2, 2, List.of(runs(7, "0oo"))))
        .hasMessage("the runs of class 7 have a number without an end, near byte 3 of 3");
    assertThatThrownBy(() -> CocoRle.decode(2, 2, List.of(runs(7, "0" + "o".repeat(20)))))
        .hasMessage("the runs of class 7 have a number without an end, near byte 8 of 21");
    assertThatThrownBy(() -> CocoRle.decode(2, 2, List.of(runs(256, "04"))))
        .hasMessage("the class of runs must be 0 to 255, is 256");
  }

  @Test
  void decode_pixelsWithNoClassOrTwo_isRefused() {
    assertThatThrownBy(() -> CocoRle.decode(2, 2, List.of()))
        .hasMessage("runs of a 2×2 mask must give each pixel one class, give 0 pixels 0 classes");
    assertThatThrownBy(() -> CocoRle.decode(2, 2, List.of(runs(1, "04"), runs(2, "31"))))
        .hasMessage("runs of a 2×2 mask must give each pixel one class, give 4 pixels 5 classes");
    assertThatThrownBy(() -> CocoRle.decode(2, 2, List.of(runs(1, "022"), runs(2, "013"))))
        .hasMessage("runs of a 2×2 mask must give each pixel one class, give 2 pixels 3 classes");
  }
}
