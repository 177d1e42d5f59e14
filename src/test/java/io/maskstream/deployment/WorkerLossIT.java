package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.inference.TestBundles;
import io.maskstream.stream.SegmentConfig.Guarantee;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exactly-once workers that die or hand over under overload: every frame has one outcome. */
class WorkerLossIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final Duration PASS = Duration.ofMillis(58);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final int PARTITIONS = 3;
  private static final int CAMERAS = 6;
  private static final double FPS = 15;

  @TempDir private Path folder;
  private final List<Process> children = new ArrayList<>();

  @AfterEach
  void tearDown() {
    children.forEach(Process::destroyForcibly);
  }

  private Process startChild(LiveLoad load, Path bundle) throws IOException {
    Process child = SleepingWorker.start(load, Guarantee.EXACTLY_ONCE, PASS, bundle);
    children.add(child);
    return child;
  }

  private static void kill(Process child) throws InterruptedException {
    TimeUnit.SECONDS.sleep(4); // it works
    child.destroyForcibly(); // kill -9
    child.waitFor();
  }

  @Test
  void killedTwiceUnderOverload_everyFrameHasOneOutcome() throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    try (LiveLoad load = new LiveLoad("killed", PARTITIONS, CAMERAS)) {
      Process first = startChild(load, bundle);
      Thread cameras = load.publish(FPS, Duration.ofSeconds(30));
      kill(first);
      kill(startChild(load, bundle));
      Process last = startChild(load, bundle);
      cameras.join();
      await().atMost(TIMEOUT).pollInterval(POLL).until(() -> load.account().complete());
      last.destroyForcibly();
      LiveLoad.Account account = load.account();
      System.out.println("killed twice: " + account);
      assertThat(account.wrong()).isEmpty();
      assertThat(account.outcomes()).hasSize((int) (CAMERAS * FPS * 30));
      assertThat(account.reasons()).containsKeys("SUPERSEDED", "WORKER_LOST");
      assertThat(account.segmented().values()).allMatch(count -> count > 0);
    }
  }

  @Test
  void partitionsThatMoveWhileFramesAreInWork_everyFrameHasOneOutcome() throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    try (LiveLoad load = new LiveLoad("moved", PARTITIONS, CAMERAS)) {
      SleepingWorker first = worker(load, bundle);
      await().atMost(TIMEOUT).until(first::running);
      Thread cameras = load.publish(FPS, Duration.ofSeconds(20));
      TimeUnit.SECONDS.sleep(4);
      try (SleepingWorker second = worker(load, bundle)) {
        TimeUnit.SECONDS.sleep(6); // partitions move to it
        first.close();
        cameras.join();
        await().atMost(TIMEOUT).pollInterval(POLL).until(() -> load.account().complete());
        LiveLoad.Account account = load.account();
        System.out.println("moved: " + account);
        assertThat(account.wrong()).isEmpty();
        assertThat(account.outcomes()).hasSize((int) (CAMERAS * FPS * 20));
        assertThat(second.metrics()).contains("maskstream_frames_segmented_total{camera=\"c");
      }
    }
  }

  private static SleepingWorker worker(LiveLoad load, Path bundle) throws Exception {
    return new SleepingWorker(load.kafka(), load.topics(), Guarantee.EXACTLY_ONCE, PASS, bundle);
  }
}
