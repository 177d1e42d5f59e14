package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class TaskTimeTest {
  private long clockMillis;

  private TaskTime time(boolean live) {
    return new TaskTime(live, () -> Instant.ofEpochMilli(clockMillis));
  }

  private long at(long millis, TaskTime time, long latestMillis) {
    clockMillis = millis;
    return time.now(() -> latestMillis);
  }

  @Test
  void live_isTheClock() {
    assertThat(at(1_000, time(true), 10)).isEqualTo(1_000);
  }

  @Test
  void replay_isTheRecordsTime_andGoesOnWhileNoneComes() {
    TaskTime time = time(false);
    assertThat(at(100_000, time, -1)).isNegative();
    assertThat(at(101_000, time, 5_000)).isEqualTo(5_000);
    assertThat(at(104_000, time, 5_000)).isEqualTo(8_000);
    assertThat(at(105_000, time, 20_000)).isEqualTo(20_000);
  }
}
