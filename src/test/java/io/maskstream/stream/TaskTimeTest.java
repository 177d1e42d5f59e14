package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class TaskTimeTest {
  private long clockMillis;

  private TaskTime time(boolean live) {
    return new TaskTime(live, () -> Instant.ofEpochMilli(clockMillis));
  }

  @Test
  void live_isTheClock() {
    TaskTime time = time(true);
    time.frame("a", 10);
    clockMillis = 1_000;
    assertThat(time.now("a", 5)).isEqualTo(1_000);
  }

  @Test
  void replay_isTheFramesTime_andGoesOnWhileNoneComes() {
    TaskTime time = time(false);
    clockMillis = 101_000;
    time.frame("a", 5_000);
    assertThat(time.now("a", 0)).isEqualTo(5_000);
    clockMillis = 104_000;
    assertThat(time.now("a", 0)).isEqualTo(8_000);
    time.frame("a", 20_000);
    time.frame("a", 19_000); // late
    clockMillis = 105_000;
    assertThat(time.now("a", 0)).isEqualTo(21_000);
  }

  @Test
  void replay_ofACameraWithoutAFrameSinceTheStart_goesOnFromWhatIsStored() {
    TaskTime time = time(false);
    clockMillis = 100_000;
    time.frame("b", 90_000);
    assertThat(time.now("a", 7_000)).isEqualTo(7_000);
    clockMillis = 102_000;
    assertThat(time.now("a", 7_000)).isEqualTo(9_000);
  }
}
