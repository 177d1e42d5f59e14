package io.maskstream.deployment;

import io.maskstream.ChildJvm;
import io.maskstream.config.YamlReader;
import io.maskstream.inference.Arrivals;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ServedModel;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import io.maskstream.metrics.MonitorConfig;
import io.maskstream.metrics.MonitorServer;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.stream.SegmentConfig;
import io.maskstream.stream.SegmentConfig.Guarantee;
import io.maskstream.stream.SegmentWorker;
import io.maskstream.topic.GroupConfig;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/**
 * A real live worker with one lane whose model takes a fixed time without using a processor, so
 * that overload does not depend on the machine.
 */
final class SleepingWorker implements AutoCloseable {
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
                member(kafka, topics.prefix()),
                kafka,
                topics,
                config.withGuarantee(guarantee),
                Optional.empty(),
                FORGET_AFTER,
                camera -> slotAfter(sleep),
                camera -> List.of(),
                Map::of,
                1,
                arrivals,
                metrics,
                FrameTraces.none(),
                clock));
  }

  private static GroupMember member(KafkaConnection kafka, String group)
      throws InterruptedException {
    try (Admin admin = Admin.create(kafka.common())) {
      return YamlReader.defaults(GroupConfig.class, Map.of()).member(group, admin, false);
    }
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

  /** Serves its metrics. */
  MonitorServer monitor() throws IOException {
    return MonitorServer.start(MonitorConfig.local(0), metrics, new Health());
  }

  String metrics() {
    return metrics.text();
  }

  @Override
  public void close() {
    worker.close();
    slot.close();
  }

  /** Starts a worker as a process and waits until it has its partitions. */
  static Process start(LiveLoad load, Guarantee guarantee, Duration sleep, Path bundle)
      throws IOException {
    Process child =
        ChildJvm.start(
            SleepingWorker.class,
            load.bootstrap(),
            load.topics().prefix(),
            Integer.toString(load.topics().partitions()),
            guarantee.name(),
            Long.toString(sleep.toMillis()),
            bundle.toString());
    BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
    List<String> lines = new ArrayList<>();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      lines.add(line);
      if (line.equals("running")) {
        Thread rest = new Thread(() -> out.lines().forEach(lines::add), "child-output");
        rest.setDaemon(true);
        rest.start();
        return child;
      }
    }
    throw new IOException("the worker did not start: " + lines);
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
