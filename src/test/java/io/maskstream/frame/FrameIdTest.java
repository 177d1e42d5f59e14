package io.maskstream.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class FrameIdTest {

  @Test
  void age_isTimeSinceCapture_neverNegative() {
    FrameId frame = new FrameId("gate", 1, 2, 1_000);
    assertThat(frame.ageMicros(3_500)).isEqualTo(2_500);
    assertThat(frame.ageMicros(999)).isZero();
  }

  @Test
  void micros_areWholeMicroseconds() {
    assertThat(Micros.of(Instant.ofEpochSecond(3, 4_999))).isEqualTo(3_000_004);
    assertThat(Micros.of(Duration.ofSeconds(3, 4_999))).isEqualTo(3_000_004);
    assertThat(Micros.now(InstantSource.fixed(Instant.ofEpochMilli(7)))).isEqualTo(7_000);
  }
}
