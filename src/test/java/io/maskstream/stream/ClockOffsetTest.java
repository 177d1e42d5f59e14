package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClockOffsetTest {
  private final ClockOffset offset = new ClockOffset();

  private void add(int times, long micros) {
    for (int i = 0; i < times; i++) {
      offset.add(micros);
    }
  }

  @Test
  void micros_withoutFrames_isZero() {
    assertThat(offset.micros()).isZero();
  }

  @Test
  void micros_isWhatEveryFrameHas_notTheDelayOfSome() {
    for (int i = 0; i < ClockOffset.FRAMES; i++) {
      offset.add(200_000 + 10_000L * (i % 8)); // 0 to 70 ms of transport
    }
    assertThat(offset.micros()).isEqualTo(200_000);
  }

  @Test
  void micros_twoWildFrames_doNotMoveIt() {
    add(20, 5_000);
    add(2, -240_000_000);
    assertThat(offset.micros()).isEqualTo(5_000);
    add(1, -240_000_000);
    assertThat(offset.micros()).isEqualTo(-240_000_000); // three are a clock that was set
  }

  @Test
  void micros_clockSetBack_isFollowedWithinTheFramesRemembered() {
    add(ClockOffset.FRAMES, 5_000);
    add(ClockOffset.FRAMES - 3, 2_000_000);
    assertThat(offset.micros()).isEqualTo(5_000);
    add(1, 2_000_000);
    assertThat(offset.micros()).isEqualTo(2_000_000);
  }

  @Test
  void micros_fewFrames_takesTheLargest() {
    offset.add(3_000);
    assertThat(offset.micros()).isEqualTo(3_000);
    offset.add(-240_000_000);
    assertThat(offset.micros()).isEqualTo(3_000);
  }
}
