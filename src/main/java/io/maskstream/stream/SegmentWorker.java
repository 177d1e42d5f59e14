package io.maskstream.stream;

import io.maskstream.event.RuleEvaluator;
import io.maskstream.inference.Arrivals;
import io.maskstream.inference.Dispatcher;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.ReusePolicy;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.stream.FrameSegmentation.Models;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.HeldPictures;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicSettings;
import io.maskstream.zone.Zone;
import io.maskstream.zone.ZoneMeter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running segmentation worker. */
public final class SegmentWorker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SegmentWorker.class);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** Frames in work at a stop get this time to be settled; then the next owner drops them. */
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(2);

  private final KafkaStreams streams;
  private final Setup setup;
  private final ThreadFailures failures;
  private final StateFolder state;
  private final Progress records;
  private final Optional<Progress> turns;
  private final int expectedThreads;
  private final boolean stays;

  /**
   * What a worker is made of.
   *
   * @param member the application's id and how this process takes part
   * @param held pictures that are not in Kafka; empty where all are
   * @param forgetAfter time without a frame after which a camera is forgotten
   * @param slots the models, by the camera's id
   * @param zones of a camera by its id
   * @param rules as they are now, by name
   * @param lanes frames in work at a time, in a live topology
   * @param arrivals what the models' batches know of the lanes
   */
  public record Parts(
      GroupMember member,
      KafkaConnection kafka,
      TopicSettings topics,
      SegmentConfig config,
      Optional<HeldPictures> held,
      Duration forgetAfter,
      Function<String, ModelSlot> slots,
      Function<String, List<Zone>> zones,
      Supplier<Map<String, RuleEvaluator>> rules,
      int lanes,
      Arrivals arrivals,
      Metrics metrics,
      FrameTraces traces,
      InstantSource clock) {}

  /**
   * A topology with what it shares with its worker.
   *
   * @param live what a live topology has beside; its dispatcher is closed by the worker
   */
  record Setup(
      Topology topology,
      FrameReader reader,
      FailedRecords failed,
      Optional<LiveProcessor.Parts> live) {

    Optional<Dispatcher> dispatcher() {
      return live.map(LiveProcessor.Parts::dispatcher);
    }
  }

  private SegmentWorker(
      KafkaStreams streams, Setup setup, ThreadFailures failures, StateFolder state, Parts parts) {
    this.streams = streams;
    this.setup = setup;
    this.failures = failures;
    this.state = state;
    this.expectedThreads = parts.config().kafkaThreads();
    this.stays = parts.member().instance().isPresent();
    this.records = new Progress("records read", setup.reader()::count, this::lag, parts.clock());
    this.turns =
        setup
            .dispatcher()
            .map(
                dispatcher ->
                    new Progress(
                        "turns of cameras",
                        dispatcher::finished,
                        dispatcher::waiting,
                        parts.clock()));
  }

  /** Starts a worker; it joins the group of its application id. */
  public static SegmentWorker start(Parts parts) throws IOException {
    StateFolder state = StateFolder.open(parts.config().stateDir());
    Setup setup = setup(parts);
    try {
      return start(parts, setup, state);
    } catch (RuntimeException e) {
      setup.dispatcher().ifPresent(Dispatcher::close);
      state.close();
      throw e;
    }
  }

  private static SegmentWorker start(Parts parts, Setup setup, StateFolder state) {
    Properties properties = new Properties();
    properties.putAll(settings(parts, setup, state.path()));
    KafkaStreams streams =
        new KafkaStreams(setup.topology(), new StreamsConfig(properties), new SteadyTime());
    ThreadFailures failures =
        new ThreadFailures(parts.clock(), time -> TimeUnit.MILLISECONDS.sleep(time.toMillis()));
    SegmentWorker worker = new SegmentWorker(streams, setup, failures, state, parts);
    streams.setUncaughtExceptionHandler(failures);
    streams.setStateListener((next, before) -> log.info("worker: {}", next));
    streams.start();
    parts.metrics().kafka("worker", streams::metrics);
    return worker;
  }

  static Setup setup(Parts parts) {
    SegmentConfig config = parts.config();
    FrameSegmentation segmentation = segmentation(parts);
    FailedRecords failed = new FailedRecords();
    FrameReader reader =
        new FrameReader(
            config.maxAge().map(any -> parts.topics().framesRetention()),
            parts.held(),
            failed,
            parts.clock());
    Optional<LiveProcessor.Parts> live =
        config.maxAge().map(maxAge -> live(parts, reader, segmentation, maxAge));
    Topology topology =
        SegmentTopology.build(
            parts.topics().names(),
            config.stores(),
            () ->
                live.isPresent()
                    ? new LiveProcessor(live.get())
                    : new ReplayProcessor(
                        reader,
                        segmentation,
                        parts.topics().maxRecordBytes(),
                        parts.metrics(),
                        parts.traces()),
            () ->
                new WindowProcessor(
                    config.windows(), config.maxAge().orElse(Duration.ZERO), taskTime(parts)),
            () -> new RuleProcessor(parts.rules(), taskTime(parts), parts.metrics()),
            () ->
                new HealthProcessor(
                    config.cameraHealth(), parts.forgetAfter(), taskTime(parts), parts.metrics()));
    return new Setup(topology, reader, failed, live);
  }

  private static FrameSegmentation segmentation(Parts parts) {
    SegmentConfig config = parts.config();
    ReusePolicy policy = config.reuse().toReuse().build();
    ResetRules rules = config.reset().toRules();
    ResultWriter.Form form =
        new ResultWriter.Form(
            policy.name(),
            config.encoding(),
            config.overlay(),
            config.confidence(),
            config.unknown(),
            parts.topics().maxRecordBytes());
    return new FrameSegmentation(
        new Models(parts.slots(), slot -> new SlotSegmenter(slot, policy, rules, config.needed())),
        new ResultWriter(
            form,
            new ZoneMeter(parts.zones()),
            new RedactedFrameWriter(
                config.redact(), parts.topics().maxRecordBytes(), parts.metrics()),
            parts.metrics()),
        new PictureSampler(config.cameraHealth().on()),
        parts.metrics(),
        parts.clock());
  }

  private static LiveProcessor.Parts live(
      Parts parts, FrameReader reader, FrameSegmentation segmentation, Duration maxAge) {
    SegmentConfig config = parts.config();
    return new LiveProcessor.Parts(
        reader,
        segmentation,
        new Dispatcher(parts.lanes(), parts.arrivals()),
        new Overload(parts.lanes(), config.propagation(), maxAge, System::nanoTime),
        maxAge,
        parts.forgetAfter(),
        config.memoryInterval(),
        parts.topics().maxRecordBytes(),
        new AtomicInteger(),
        parts.metrics(),
        parts.traces(),
        parts.clock());
  }

  private static TaskTime taskTime(Parts parts) {
    return new TaskTime(parts.config().live(), parts.clock());
  }

  static Map<String, Object> settings(Parts parts, Setup setup, Path stateDir) {
    return WorkerSettings.of(
        parts.member(),
        parts.kafka(),
        parts.topics(),
        parts.config(),
        stateDir,
        new WorkerSettings.Handed(parts.metrics(), setup.failed(), parts.held().isPresent()));
  }

  /** Health checks by name: whether a restart would help. */
  public Map<String, Supplier<Health.CheckResult>> vitalSigns() {
    Map<String, Supplier<Health.CheckResult>> signs = new LinkedHashMap<>();
    signs.put("stream threads", this::threads);
    signs.put("failing threads", failures::finding);
    signs.put("records", records::finding);
    turns.ifPresent(progress -> signs.put("turns", progress::finding));
    return signs;
  }

  /** Whether the worker has its share of the partitions and works, for the health page. */
  public Health.CheckResult working() {
    return new Health.CheckResult(running(), "Kafka Streams is " + streams.state());
  }

  private Health.CheckResult threads() {
    boolean over = streams.state().hasCompletedShutdown() || streams.state().isShuttingDown();
    long alive =
        streams.metadataForLocalThreads().stream()
            .filter(thread -> !thread.threadState().equals("DEAD"))
            .count();
    return new Health.CheckResult(
        !over && alive == expectedThreads,
        "%d of %d stream threads alive".formatted(over ? 0 : alive, expectedThreads));
  }

  /** Records that wait in the partition with most. */
  private double lag() {
    return streams.metrics().entrySet().stream()
        .filter(entry -> entry.getKey().name().equals("records-lag-max"))
        .map(entry -> ((Metric) entry.getValue()).metricValue())
        .filter(Number.class::isInstance)
        .mapToDouble(value -> ((Number) value).doubleValue())
        .filter(Double::isFinite)
        .max()
        .orElse(0);
  }

  /** Whether the worker has its share of the partitions and works. */
  public boolean running() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** Completes with one sentence when the worker has ended because no restart of a thread helps. */
  public CompletableFuture<String> whenFatal() {
    return failures.whenFatal();
  }

  @Override
  public void close() {
    setup.live().ifPresent(SegmentWorker::drain);
    CloseOptions options =
        CloseOptions.timeout(CLOSE_TIMEOUT)
            .withGroupMembershipOperation(
                stays
                    ? CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP
                    : CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
    if (!streams.close(options)) {
      log.warn("the worker did not stop within {} s", CLOSE_TIMEOUT.toSeconds());
    }
    setup.dispatcher().ifPresent(Dispatcher::close);
    state.close();
  }

  private static void drain(LiveProcessor.Parts live) {
    long end = System.nanoTime() + DRAIN_TIMEOUT.toNanos();
    try {
      if (!live.dispatcher().drain(DRAIN_TIMEOUT)) {
        log.warn("frames in work did not end within {} s", DRAIN_TIMEOUT.toSeconds());
      }
      while (live.unsettled().get() > 0 && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(2); // the stream threads take them within some milliseconds
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
