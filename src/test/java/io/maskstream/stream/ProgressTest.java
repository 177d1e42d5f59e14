package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private Instant now = Instant.EPOCH;
  private long done;
  private double waiting;
  private final Progress progress = new Progress("records", () -> done, () -> waiting, () -> now);

  private boolean okAfter(int seconds) {
    boolean ok = true;
    for (int i = 0; i < seconds; i += 10) { // as an orchestrator asks
      now = now.plusSeconds(10);
      ok = progress.finding().ok();
    }
    return ok;
  }

  @Test
  void workThatWaitsWhileNoneIsDone_isAFault() {
    waiting = 12;
    assertThat(okAfter(110)).isTrue();
    assertThat(okAfter(20)).isFalse();
    assertThat(progress.finding().detail()).isEqualTo("0 records, none for 130 s while 12 wait");
    done = 1;
    assertThat(okAfter(10)).isTrue();
  }

  @Test
  void quietWithoutWork_isNone() {
    waiting = Double.NaN; // Kafka's figure before the first fetch
    assertThat(okAfter(1_000)).isTrue();
    waiting = 0;
    assertThat(okAfter(1_000)).isTrue();
  }

  @Test
  void timeWithoutQuestions_saysNothing() {
    progress.finding();
    waiting = 5;
    now = now.plus(Duration.ofHours(1));
    assertThat(progress.finding().ok()).isTrue();
  }
}
