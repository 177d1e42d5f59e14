package io.maskstream.deployment;

import io.maskstream.inference.Arrivals;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ServedModel;
import io.maskstream.metrics.Metrics;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.stream.SegmentConfig;
import io.maskstream.stream.SegmentConfig.Guarantee;
import io.maskstream.stream.SegmentWorker;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A real live worker with one lane whose model takes a fixed time without using a processor, so
 * that overload does not depend on the machine.
 */
final class SleepingWorker implements AutoCloseable {
  private static final Duration SESSION = Duration.ofSeconds(2);
  private static final Duration FORGET_AFTER = Duration.ofMinutes(10);
  static final Duration MAX_AGE = Duration.ofMillis(500);

  private final Metrics metrics = new Metrics();
  private final ModelSlot slot;
  private final SegmentWorker worker;

  SleepingWorker(
      KafkaConnection kafka, TopicSettings topics, Guarantee guarantee, Duration sleep, Path bundle)
      throws Exception {
    Clock clock = Clock.systemUTC();
    Arrivals arrivals = Arrivals.tracked();
    LoadedModel model = LoadedModel.load(ModelBundle.read(bundle), 1);
    slot = new ModelSlot("m", ServedModel.of(model, arrivals, metrics), clock, metrics);
    SegmentConfig config = SegmentConfig.of(bundle).withThreads(1).withMaxAge(Optional.of(MAX_AGE));
    worker =
        SegmentWorker.start(
            new SegmentWorker.Parts(
                new GroupMember(topics.prefix(), SESSION, Optional.empty()),
                kafka,
                topics,
                config.withGuarantee(guarantee),
                FORGET_AFTER,
                camera -> slotAfter(sleep),
                camera -> List.of(),
                List.of(),
                1,
                arrivals,
                metrics,
                clock));
  }

  private ModelSlot slotAfter(Duration sleep) {
    try {
      TimeUnit.MILLISECONDS.sleep(sleep.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return slot;
  }

  boolean running() {
    return worker.running();
  }

  CompletableFuture<String> whenFatal() {
    return worker.whenFatal();
  }

  /** Whether every check of the worker's health is passed. */
  boolean healthy() {
    return worker.vitalSigns().values().stream().allMatch(sign -> sign.get().ok());
  }

  /** Frames of a camera that were segmented or dropped. */
  double outcomes(String camera) {
    return metrics.count("maskstream_frames_segmented_total", "camera", camera)
        + metrics.count("maskstream_frames_dropped_total", "camera", camera);
  }

  String metrics() {
    return metrics.text();
  }

  @Override
  public void close() {
    worker.close();
    slot.close();
  }

  /** A worker as a process: bootstrap, prefix, partitions, guarantee, milliseconds, bundle. */
  public static void main(String[] arguments) throws Exception {
    try (SleepingWorker worker =
        new SleepingWorker(
            KafkaConnection.plain(arguments[0]),
            LiveLoad.topics(arguments[1], Integer.parseInt(arguments[2])),
            Guarantee.valueOf(arguments[3]),
            Duration.ofMillis(Long.parseLong(arguments[4])),
            Path.of(arguments[5]))) {
      while (!worker.running()) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      System.out.println("running");
      TimeUnit.MINUTES.sleep(10); // or until it is killed
    }
  }
}
