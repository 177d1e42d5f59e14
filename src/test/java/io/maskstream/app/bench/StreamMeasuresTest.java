package io.maskstream.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Mask;
import org.junit.jupiter.api.Test;

class StreamMeasuresTest {
  private static final Mask ZEROS = new Mask(2, 1, new byte[] {0, 0});
  private static final Mask ONES = new Mask(2, 1, new byte[] {1, 1});

  private final StreamMeasures measures = new StreamMeasures(2);

  private static FrameId frame(long sequence) {
    return new FrameId("cam", 1, sequence, 1_000_000 + 100_000 * sequence);
  }

  private void masked(long sequence, Mask mask, long afterMicros) {
    measures.masked(
        new StreamMeasures.Result(frame(sequence), mask, sequence == 3, 100),
        frame(sequence).captureMicros() + afterMicros);
  }

  @Test
  void result_countsWhatWasSentAndCameBack() {
    measures.sent(frame(0), null); // before the count
    masked(0, ZEROS, 10);
    measures.count(true);
    for (int i = 1; i <= 4; i++) {
      measures.sent(frame(i), null);
    }
    masked(1, ZEROS, 80_000);
    masked(2, ZEROS, 90_000);
    masked(2, ZEROS, 95_000);
    masked(3, ZEROS, 100_000);
    assertThat(measures.result())
        .containsEntry("frames", 4)
        .containsEntry("masks", 3)
        .containsEntry("missingPercent", 25.0)
        .containsEntry("propagatedPercent", 25.0)
        .containsEntry("unaccounted", 1)
        .containsEntry("maskBytesPer1000Masks", 100_000L)
        .containsEntry("doubled", 1L);
    assertThat((double) measures.result().get("latencyMsP50")).isBetween(89.0, 91.0);
    assertThat(measures.sustained()).isFalse(); // a quarter is missing
  }

  @Test
  void dropped_isAccountedOnceAndNeverBesideAMask() {
    measures.dropped(frame(0)); // before the count
    measures.count(true);
    measures.sent(frame(1), null);
    measures.sent(frame(2), null);
    measures.dropped(frame(1));
    assertThat(measures.result()).containsEntry("unaccounted", 1).containsEntry("doubled", 0L);
    masked(1, ZEROS, 10);
    assertThat(measures.result()).containsEntry("masks", 0).containsEntry("doubled", 1L);
    masked(2, ZEROS, 10);
    measures.dropped(frame(2));
    assertThat(measures.result()).containsEntry("unaccounted", 0).containsEntry("doubled", 2L);
  }

  @Test
  void flips_areChangesOfWhatIsShownWhereTheTruthStays() {
    measures.count(true);
    masked(0, ZEROS, 10);
    measures.sent(frame(1), ZEROS);
    assertThat(measures.result()).doesNotContainKey("streamingFlipPercent"); // one alone
    measures.sent(frame(2), ZEROS);
    assertThat(measures.result()).containsEntry("streamingFlipPercent", 0.0);
    masked(2, ONES, 10);
    measures.sent(frame(3), ZEROS);
    assertThat(measures.result()).containsEntry("streamingFlipPercent", 50.0);
    measures.sent(frame(4), ONES); // the truth has changed everywhere
    assertThat(measures.result()).containsEntry("streamingFlipPercent", 50.0);
  }

  @Test
  void forgetMasks_leavesNoCameraWithAMask() {
    masked(0, ZEROS, 10);
    assertThat(measures.camerasWithMask()).isEqualTo(1);
    measures.forgetMasks();
    assertThat(measures.camerasWithMask()).isZero();
  }

  @Test
  void sustained_needsEveryFrameInTime() {
    measures.count(true);
    measures.sent(frame(0), null);
    masked(0, ZEROS, 240_000);
    assertThat(measures.sustained()).isTrue();
    measures.sent(frame(1), null);
    masked(1, ZEROS, 260_000);
    assertThat(measures.sustained()).isFalse();
  }

  @Test
  void streamingMiou_comparesTheMaskThatIsThereWithTheFrameThatIs() {
    measures.count(true);
    measures.sent(frame(0), ZEROS); // no mask yet: nothing to compare
    masked(0, ZEROS, 50_000);
    measures.sent(frame(1), ONES); // the world has changed, the mask is of before
    assertThat(measures.result()).containsEntry("streamingMiou", 0.0);
    masked(1, ONES, 50_000);
    measures.sent(frame(2), ONES);
    assertThat(measures.result()).containsEntry("streamingMiou", 25.0); // (0 + 2 / 4) / 2
  }
}
