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
  void replay_isTheTimeOfTheCamerasFrames() {
    TaskTime time = time(false);
    clockMillis = 101_000;
    time.frame("a", 5_000);
    time.frame("b", 90_000);
    time.frame("a", 4_000); // late
    clockMillis += TaskTime.PATIENCE.toMillis();
    assertThat(time.now("a", 0)).isEqualTo(5_000);
    assertThat(time.now("b", 0)).isEqualTo(90_000);
    assertThat(time.now("stored", 7_000)).isEqualTo(7_000);
  }

  @Test
  void replay_goesOnWhenNoFrameOfTheTaskComes() {
    TaskTime time = time(false);
    clockMillis = 100_000;
    time.frame("a", 5_000);
    clockMillis = 120_000;
    time.frame("b", 6_000);
    clockMillis += TaskTime.PATIENCE.toMillis() + 2_000;
    assertThat(time.now("a", 0)).isEqualTo(7_000);
    time.frame("a", 20_000);
    assertThat(time.now("a", 0)).isEqualTo(20_000);
  }
}
