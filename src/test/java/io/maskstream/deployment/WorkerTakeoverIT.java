package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.inference.TestBundles;
import io.maskstream.stream.SegmentConfig.Guarantee;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How soon the cameras of a killed worker have masks again, at the default settings. {@code
 * -Dmaskstream.kills=20} for more kills.
 */
class WorkerTakeoverIT {
  private static final int KILLS = Integer.getInteger("maskstream.kills", 2);
  private static final int CAMERAS = 6;
  private static final int PARTITIONS = 4;
  private static final double FPS = 5;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);

  /** A loaded machine of tests; the figure that is reported is of an idle one. */
  private static final Duration BOUND = Duration.ofSeconds(8);

  @TempDir private Path folder;

  /** When the first mask of a frame that was captured after the last kill was seen. */
  private final Map<String, Long> firstMask = new ConcurrentHashMap<>();

  private final Deque<Process> workers = new ArrayDeque<>();
  private volatile long killMillis = Long.MAX_VALUE;
  private volatile boolean over;

  @AfterEach
  void tearDown() {
    workers.forEach(Process::destroyForcibly);
  }

  @Test
  void killedWorkers_camerasHaveMasksAgainSoon_andNoFrameIsWithoutAnOutcome() throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    try (LiveLoad load = new LiveLoad("takeover", PARTITIONS, CAMERAS)) {
      workers.add(start(load, bundle));
      workers.add(start(load, bundle));
      Thread watch = new Thread(() -> watch(load), "masks");
      watch.start();
      Thread cameras = load.publish(FPS, Duration.ofSeconds(20).multipliedBy(KILLS));
      List<Long> slowest = new ArrayList<>();
      for (int kill = 0; kill < KILLS && cameras.isAlive(); kill++) {
        awaitMasksOfAll(System.currentTimeMillis()); // the last kill is over, both have their share
        long start = System.currentTimeMillis();
        workers.removeFirst().destroyForcibly(); // kill -9
        awaitMasksOfAll(start);
        slowest.add(Collections.max(firstMask.values()) - start);
        workers.addLast(start(load, bundle));
      }
      cameras.join();
      await()
          .atMost(TIMEOUT)
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> load.account().complete());
      over = true;
      watch.join();
      Collections.sort(slowest);
      System.out.printf(
          "kill to the next mask of the slowest camera, ms: %s%n%s%n", slowest, load.account());
      assertThat(slowest).hasSize(KILLS);
      assertThat(slowest.get((int) Math.ceil(0.95 * KILLS) - 1)).isLessThan(BOUND.toMillis());
    }
  }

  private static Process start(LiveLoad load, Path bundle) throws IOException {
    return SleepingWorker.start(load, Guarantee.AT_LEAST_ONCE, Duration.ZERO, bundle);
  }

  /** Waits until each camera has a mask of a frame that was captured after a time. */
  private void awaitMasksOfAll(long sinceMillis) {
    killMillis = sinceMillis;
    firstMask.clear();
    await().atMost(TIMEOUT).pollInterval(POLL).until(() -> firstMask.size() == CAMERAS);
  }

  private void watch(LiveLoad load) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        TopicReader.atBeginning(load.kafka(), load.topics().names().segmentedFrames())) {
      while (!over) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          SegmentedFrame frame = SegmentedFrame.parseFrom(record.value());
          if (frame.getCaptureMicros() / 1_000 >= killMillis) {
            firstMask.putIfAbsent(frame.getCamera(), System.currentTimeMillis());
          }
        }
      }
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
