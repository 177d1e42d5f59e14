package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.inference.TestBundles;
import io.maskstream.stream.SegmentConfig.Guarantee;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Overload over a real broker: every camera has its turns, and what is served is fresh. */
class FairTurnsIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final Duration PASS = Duration.ofMillis(58);

  /** For a machine that is busy with other tests. */
  private static final Duration SLACK = Duration.ofMillis(200);

  @TempDir private Path folder;

  /** {@code maxPropagation} by default. */
  private static final long MOST_MICROS = 3_000_000;

  /** With a model whose passes take time, unlike the sleeping one's, which sleeps in all turns. */
  @Test
  void overload_masksArePropagated_andEveryFrameHasOneOutcome() throws Exception {
    try (LiveLoad load = new LiveLoad("moved", 3, 12);
        SleepingWorker worker =
            new SleepingWorker(
                load.kafka(),
                load.topics(),
                Guarantee.AT_LEAST_ONCE,
                Duration.ZERO,
                Path.of("models/street-ssa"))) {
      await().atMost(TIMEOUT).until(worker::running);
      load.publish(10, Duration.ofSeconds(12)).join();
      await().atMost(TIMEOUT).until(() -> load.account().complete());
      LiveLoad.Account account = load.account();
      System.out.println("120 frames per second, one lane: " + account);
      assertThat(account.wrong()).isEmpty();
      assertThat(account.fairness()).isGreaterThanOrEqualTo(0.6);
      assertThat(account.propagated())
          .hasSizeGreaterThan(account.latencies().size() / 2)
          .allMatch(micros -> micros <= MOST_MICROS);
    }
  }

  @ParameterizedTest
  @CsvSource({"3, 3, 34", "9, 3, 8", "12, 1, 8"})
  void overload_leastServedCamera_hasFourFifthsOfTheMostServed(
      int cameras, int partitions, double fps) throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    try (LiveLoad load = new LiveLoad("fair", partitions, cameras);
        SleepingWorker worker =
            new SleepingWorker(
                load.kafka(), load.topics(), Guarantee.AT_LEAST_ONCE, PASS, bundle)) {
      await().atMost(TIMEOUT).until(worker::running);
      load.publish(fps, Duration.ofSeconds(15)).join();
      await().atMost(TIMEOUT).until(() -> load.account().complete());
      LiveLoad.Account account = load.account();
      System.out.printf(
          "%d cameras, %d partitions, %.0f fps: %s%n", cameras, partitions, fps, account);
      assertThat(account.wrong()).isEmpty();
      assertThat(account.fairnessOfPasses()).isGreaterThanOrEqualTo(0.8);
      assertThat(account.latencyMillis(99))
          .isLessThan((double) SleepingWorker.MAX_AGE.plus(PASS).plus(SLACK).toMillis());
    }
  }
}
