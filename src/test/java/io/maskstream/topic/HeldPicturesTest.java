package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.FrameId;
import io.maskstream.topic.DropRecord.Reason;
import org.junit.jupiter.api.Test;

class HeldPicturesTest {
  private final HeldPictures pictures = new HeldPictures(100);

  private static FrameId frame(String camera, long sequence) {
    return new FrameId(camera, 1, sequence, 3);
  }

  @Test
  void take_givesAPictureOnce() {
    byte[] picture = {1, 2};
    pictures.put(frame("a", 0), picture);
    assertThat(pictures.bytes()).isEqualTo(2);
    assertThat(pictures.take(frame("a", 0))).containsSame(picture);
    assertThat(pictures.bytes()).isZero();
    assertThat(pictures.take(frame("a", 0))).isEmpty();
    assertThat(pictures.missing(frame("a", 0))).isEqualTo(Reason.PICTURE_GONE);
  }

  @Test
  void put_beyondTheBytes_displacesTheOldestOfTheCamera_andOfNoOther() {
    pictures.put(frame("b", 0), new byte[90]);
    pictures.put(frame("a", 0), new byte[60]);
    pictures.put(frame("a", 1), new byte[40]);
    assertThat(pictures.bytes()).isEqualTo(190);
    pictures.put(frame("a", 2), new byte[1]);
    assertThat(pictures.bytes()).isEqualTo(131);
    assertThat(pictures.take(frame("a", 0))).isEmpty();
    assertThat(pictures.missing(frame("a", 0))).isEqualTo(Reason.HOLD_FULL);
    assertThat(pictures.missing(frame("a", 0))).isEqualTo(Reason.PICTURE_GONE); // told once
    assertThat(pictures.take(frame("a", 1))).isPresent();
    assertThat(pictures.take(frame("b", 0))).isPresent();
  }

  @Test
  void put_pictureLargerThanAll_isDisplacedItself() {
    pictures.put(frame("a", 0), new byte[101]);
    assertThat(pictures.bytes()).isZero();
    assertThat(pictures.missing(frame("a", 0))).isEqualTo(Reason.HOLD_FULL);
  }

  @Test
  void put_sameFrameTwice_countsItOnce() {
    pictures.put(frame("a", 0), new byte[60]);
    pictures.put(frame("a", 0), new byte[70]);
    assertThat(pictures.bytes()).isEqualTo(70);
  }

  @Test
  void remove_leavesNoTrace() {
    pictures.put(frame("a", 0), new byte[60]);
    pictures.put(frame("a", 1), new byte[60]);
    pictures.remove(frame("a", 0));
    pictures.remove(frame("a", 1));
    assertThat(pictures.bytes()).isZero();
    assertThat(pictures.missing(frame("a", 0))).isEqualTo(Reason.PICTURE_GONE);
  }

  @Test
  void forget_freesTheCamera_andNoOther() {
    pictures.put(frame("a", 0), new byte[60]);
    pictures.put(frame("b", 0), new byte[30]);
    pictures.forget("a");
    assertThat(pictures.bytes()).isEqualTo(30);
    assertThat(pictures.missing(frame("a", 0))).isEqualTo(Reason.PICTURE_GONE);
  }

  /** Records that never come back must not take memory for ever. */
  @Test
  void displacedFrames_areRememberedUpToANumber() {
    for (int n = 0; n < 10_002; n++) {
      pictures.put(frame("a", n), new byte[101]);
    }
    assertThat(pictures.missing(frame("a", 0))).isEqualTo(Reason.PICTURE_GONE);
    assertThat(pictures.missing(frame("a", 1))).isEqualTo(Reason.PICTURE_GONE);
    assertThat(pictures.missing(frame("a", 2))).isEqualTo(Reason.HOLD_FULL);
    assertThat(pictures.missing(frame("a", 10_001))).isEqualTo(Reason.HOLD_FULL);
  }
}
