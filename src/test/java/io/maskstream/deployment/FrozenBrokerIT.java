package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.inference.TestBundles;
import io.maskstream.stream.SegmentConfig.Guarantee;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is frozen for longer than a transaction may last, under an exactly-once worker. */
class FrozenBrokerIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final Duration LOAD = Duration.ofSeconds(30);
  private static final double FPS = 8;

  @TempDir private Path folder;

  @Test
  void frozenFor15Seconds_framesAreSegmentedAfterwards_andEachHasOneOutcome() throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    try (ChildBroker broker = new ChildBroker();
        LiveLoad load = new LiveLoad(broker.bootstrap(), "frozen", 2, 2);
        SleepingWorker worker =
            new SleepingWorker(
                load.kafka(),
                load.topics(),
                Guarantee.EXACTLY_ONCE,
                Duration.ofMillis(20),
                bundle)) {
      await().atMost(TIMEOUT).until(worker::running);
      Thread cameras = load.publish(FPS, LOAD);
      TimeUnit.SECONDS.sleep(5);
      broker.signal("STOP");
      TimeUnit.SECONDS.sleep(15);
      broker.signal("CONT");
      int before = segmented(load);
      cameras.join();
      await()
          .atMost(TIMEOUT)
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> load.account().complete());
      LiveLoad.Account account = load.account();
      System.out.printf("frozen: %s, segmented before the thaw %d%n", account, before);
      assertThat(account.wrong()).isEmpty();
      assertThat(account.outcomes()).hasSize((int) (2 * FPS * LOAD.toSeconds()));
      // Ten seconds of two cameras come after the thaw; half of them on a loaded machine.
      assertThat(segmented(load) - before).isGreaterThan((int) (2 * FPS * 10 / 2));
    }
  }

  private static int segmented(LiveLoad load) throws Exception {
    return load.account().segmented().values().stream().mapToInt(Integer::intValue).sum();
  }
}
