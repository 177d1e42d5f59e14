package io.maskstream.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.FrameId;
import org.junit.jupiter.api.Test;

class FrameAccountTest {
  private final FrameAccount account = new FrameAccount();

  private static FrameId frame(long epoch, long sequence) {
    return new FrameId("a", epoch, sequence, 0);
  }

  @Test
  void counts_haveRepeatedAndMissingFrames() {
    assertThat(account.segmented(frame(1, 10))).isTrue();
    assertThat(account.segmented(frame(1, 10))).isFalse();
    assertThat(account.segmented(frame(1, 13))).isTrue();
    assertThat(account.counts().get("a")).isEqualTo(new FrameAccount.Counts(2, 0, 1, 2));
    assertThat(account.dropped(frame(1, 11))).isTrue();
    assertThat(account.dropped(frame(1, 13))).isFalse();
    assertThat(account.segmented(frame(2, 0))).isTrue();
    assertThat(account.segmented(new FrameId("b", 2, 0, 0))).isTrue();
    assertThat(account.counts().get("a")).isEqualTo(new FrameAccount.Counts(3, 1, 2, 1));
    assertThat(account.counts().get("b")).isEqualTo(new FrameAccount.Counts(1, 0, 0, 0));
  }

  @Test
  void frames_beforeTheWindow_areRepeated() {
    for (int n = 0; n < 10_000; n++) {
      assertThat(account.segmented(frame(1, n))).isTrue();
    }
    assertThat(account.segmented(frame(1, 9_999 - 4_095))).isFalse();
    assertThat(account.segmented(frame(1, 9_999 - 4_096))).isFalse();
    assertThat(account.segmented(frame(1, -1))).isFalse();
    assertThat(account.counts().get("a")).isEqualTo(new FrameAccount.Counts(10_000, 0, 3, 0));
  }

  @Test
  void epochs_thatAreForgotten_keepTheirMissingFrames() {
    for (int epoch = 0; epoch < 20; epoch++) {
      account.segmented(frame(epoch, 0));
      account.segmented(frame(epoch, 2));
    }
    assertThat(account.segmented(frame(0, 1))).isFalse();
    assertThat(account.counts().get("a")).isEqualTo(new FrameAccount.Counts(40, 0, 1, 20));
  }
}
