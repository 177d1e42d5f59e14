package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.CaughtLog;
import io.maskstream.topic.DropRecord.Reason;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SendHealthTest {
  private final AtomicLong nanos = new AtomicLong();
  private final SendHealth health = new SendHealth(nanos::get);

  private void refuse(Duration every, int times) {
    for (int i = 0; i < times; i++) {
      health.refused(Reason.NOT_AUTHORIZED, "no right to write");
      nanos.addAndGet(every.toNanos());
    }
  }

  @Test
  void refusalsThatLast_areNoHealth_untilOneIsTaken() {
    refuse(Duration.ofSeconds(1), 9);
    assertThat(health.check().ok()).isTrue();
    refuse(Duration.ofSeconds(1), 3);
    assertThat(health.check().ok()).isFalse();
    assertThat(health.check().detail())
        .isEqualTo("Kafka has taken none for 12 s: not-authorized: no right to write");
    health.taken();
    assertThat(health.check().ok()).isTrue();
    refuse(Duration.ofSeconds(1), 9);
    assertThat(health.check().ok()).isTrue();
  }

  @Test
  void refusalsWithoutAFrameSince_areNoFault() {
    refuse(Duration.ofSeconds(1), 13);
    assertThat(health.check().ok()).isFalse();
    nanos.addAndGet(SendHealth.PATIENCE.toNanos());
    assertThat(health.check().ok()).isTrue();
  }

  @Test
  void refusalsOfASlowCamera_areAFault() {
    refuse(Duration.ofMinutes(1), 3);
    assertThat(health.check().ok()).isFalse();
    nanos.addAndGet(Duration.ofMinutes(2).toNanos());
    assertThat(health.check().ok()).isTrue();
  }

  @Test
  void refusals_areInTheLog_butNotEachOfThem() {
    try (CaughtLog log = new CaughtLog(SendHealth.class)) {
      refuse(Duration.ofSeconds(1), 61);
      health.refused(Reason.CLOCK, "too old");
      assertThat(log.texts())
          .containsExactly(
              "Kafka does not take frames: not-authorized: no right to write",
              "Kafka does not take frames: not-authorized: no right to write",
              "Kafka does not take frames: clock: too old");
    }
  }
}
