package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TaskTimeTest {

  @Test
  void live_isTheClock() {
    assertThat(new TaskTime(true).now(1_000, () -> 10)).isEqualTo(1_000);
  }

  @Test
  void replay_isTheRecordsTime_andGoesOnWhileNoneComes() {
    TaskTime time = new TaskTime(false);
    assertThat(time.now(100_000, () -> -1)).isNegative();
    assertThat(time.now(101_000, () -> 5_000)).isEqualTo(5_000);
    assertThat(time.now(104_000, () -> 5_000)).isEqualTo(8_000);
    assertThat(time.now(105_000, () -> 20_000)).isEqualTo(20_000);
  }
}
