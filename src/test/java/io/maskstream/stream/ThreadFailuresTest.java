package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.api.Test;

class ThreadFailuresTest {
  private final List<Long> pauses = new ArrayList<>();
  private Instant now = Instant.EPOCH;
  private final ThreadFailures failures =
      new ThreadFailures(() -> now, time -> pauses.add(time.toMillis()));

  private StreamThreadExceptionResponse fail() {
    return failures.handle(new StreamsException("the broker refuses"));
  }

  @Test
  void threads_areReplacedAfterPausesThatDouble_upToHalfAMinute() {
    for (int i = 0; i < 9; i++) {
      assertThat(fail()).isEqualTo(StreamThreadExceptionResponse.REPLACE_THREAD);
    }
    assertThat(pauses)
        .containsExactly(250L, 500L, 1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 30_000L, 30_000L);
    assertThat(failures.whenFatal()).isNotDone();
  }

  @Test
  void manyFailures_failTheCheck_untilTheyAreLongAgo() {
    for (int i = 0; i < ThreadFailures.MANY - 1; i++) {
      fail();
    }
    assertThat(failures.finding().ok()).isTrue();
    fail();
    assertThat(failures.finding().ok()).isFalse();
    assertThat(failures.finding().detail())
        .isEqualTo("5 stream threads failed in the last 5 minutes");
    now = now.plus(Duration.ofMinutes(6));
    assertThat(failures.finding().ok()).isTrue();
    pauses.clear();
    fail();
    assertThat(pauses).containsExactly(250L);
  }

  @Test
  void whatNoThreadCanMend_endsTheWorkerWithOneSentence() {
    StreamsException missingRights =
        new StreamsException(new GroupAuthorizationException("Not authorized to access group: w"));
    assertThat(failures.handle(missingRights))
        .isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    assertThat(failures.whenFatal()).isCompletedWithValue("Not authorized to access group: w");
    assertThat(pauses).isEmpty();
    assertThat(ThreadFailures.fatal(new SaslAuthenticationException("wrong password")))
        .contains("wrong password");
    assertThat(
            ThreadFailures.fatal(
                new StreamsException(
                    "Existing internal topic w-pending-changelog has invalid partitions:"
                        + " expected: 8; actual: 4.")))
        .hasValueSatisfying(text -> assertThat(text).contains("expected: 8; actual: 4"));
    assertThat(ThreadFailures.fatal(new StreamsException("anything else"))).isEmpty();
  }
}
