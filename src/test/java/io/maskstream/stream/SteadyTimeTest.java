package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SteadyTimeTest {

  @Test
  void time_beginsWithTheMachines_andGoesOn() {
    SteadyTime time = new SteadyTime();
    long first = time.milliseconds();
    assertThat(first).isCloseTo(System.currentTimeMillis(), within(10_000L));
    time.sleep(20);
    assertThat(time.milliseconds()).isBetween(first + 15, first + 60_000);
  }
}
