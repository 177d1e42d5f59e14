package io.maskstream.deployment;

import io.maskstream.camera.CameraConfig;
import io.maskstream.camera.CameraGroup;
import io.maskstream.camera.CameraZones;
import io.maskstream.camera.FrameSink;
import io.maskstream.event.RuleEvaluator;
import io.maskstream.event.RuleRegistry;
import io.maskstream.frame.ClassTable;
import io.maskstream.inference.Arrivals;
import io.maskstream.inference.ModelException;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import io.maskstream.metrics.MonitorServer;
import io.maskstream.metrics.OtlpTraces;
import io.maskstream.metrics.TraceConfig;
import io.maskstream.rollout.RolloutController;
import io.maskstream.stream.SegmentWorker;
import io.maskstream.topic.AdminSession;
import io.maskstream.topic.ClassTableRecords;
import io.maskstream.topic.FollowedTopic;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.HeldPictures;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicWriter;
import io.maskstream.viewer.ViewServer;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running deployment: the roles of one process, started in order and stopped in reverse. */
public final class Deployment implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Deployment.class);

  /** What a process does. */
  public enum Role {
    INGEST,
    SEGMENT,
    VIEW
  }

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private final Closer closer = new Closer();
  private final DeploymentConfig config;
  private final KafkaConnection kafka;
  private final Metrics metrics = new Metrics().withJvm();
  private final Health health = new Health();
  private final FrameTraces traces;
  private final Optional<HeldPictures> held;
  private final Optional<ModelLoader> loader;
  private @Nullable MonitorServer monitor;
  private @Nullable CameraGroup cameras;
  private @Nullable SegmentWorker worker;
  private @Nullable ViewServer viewer;

  private Deployment(DeploymentConfig config, Set<Role> roles) throws IOException {
    this.config = config;
    traces = closer.add(traces(config));
    held = config.pictures().hold();
    held.ifPresent(pictures -> metrics.pictures().held(pictures::bytes));
    loader =
        roles.contains(Role.SEGMENT)
            ? Optional.of(closer.add(new ModelLoader(config.segment())))
            : Optional.empty();
    try {
      kafka = config.embedded() ? config.kafka().at(startBroker()) : config.kafka();
    } catch (IOException | RuntimeException | LinkageError e) {
      closer.close();
      throw e;
    }
  }

  private String startBroker() throws IOException {
    EmbeddedBroker broker =
        closer.add(EmbeddedBroker.start(config.broker().folder(), config.broker().port()));
    log.info("embedded broker at {}", broker.bootstrap());
    return broker.bootstrap();
  }

  /** Starts some roles; cameras begin when a worker in the same process, if any, is ready. */
  public static Deployment start(DeploymentConfig config, Set<Role> roles)
      throws IOException, ModelException, InterruptedException {
    List<String> problems = problems(config, roles);
    if (!problems.isEmpty()) {
      throw new IOException(String.join("; ", problems));
    }
    Deployment deployment = new Deployment(config, roles);
    try {
      deployment.startMonitor();
      DeployedTopics.create(config, deployment.kafka);
      deployment.watchBroker();
      if (deployment.loader.isPresent()) {
        deployment.startWorker(deployment.loader.get());
      }
      if (roles.contains(Role.VIEW)) {
        deployment.viewer =
            ViewRole.start(
                config, deployment.kafka, deployment.metrics, deployment.health, deployment.closer);
      }
      if (roles.contains(Role.INGEST)) {
        deployment.startCameras(UnaryOperator.identity());
      }
      deployment.health.started();
      return deployment;
    } catch (Exception | LinkageError e) { // rethrown as what it is
      deployment.close();
      throw e;
    }
  }

  /** What stands in the way of a start of some roles on this machine, a sentence each. */
  public static List<String> problems(DeploymentConfig config, Set<Role> roles) {
    return StartCheck.problems(config, roles);
  }

  /** All roles. */
  public static Set<Role> allRoles() {
    return EnumSet.allOf(Role.class);
  }

  private FrameTraces traces(DeploymentConfig config) throws IOException {
    Optional<TraceConfig> to = config.monitor().traces();
    return to.isPresent()
        ? new OtlpTraces(to.get(), config.name(), processName(), metrics)
        : FrameTraces.none();
  }

  private void startMonitor() throws IOException {
    monitor = closer.add(MonitorServer.start(config.monitor(), metrics, health));
    log.info("metrics and health at {}", monitor.address());
  }

  private void watchBroker() {
    Set<String> topics =
        config.topics().topics().stream().map(NewTopic::name).collect(Collectors.toSet());
    BrokerProbe probe =
        closer.add(new BrokerProbe(kafka.common(), kafka.bootstrap(), topics, metrics));
    health.add("broker", Health.Severity.NOT_READY, probe::result);
    health.add("topics", Health.Severity.NOT_READY, probe::topics);
  }

  /**
   * Puts the file's cameras into their topic and takes this process's share of all that are there,
   * once the segment role, if any, has its partitions: earlier frames would be stale.
   *
   * @param tap may put itself between the cameras and Kafka
   */
  public void startCameras(UnaryOperator<FrameSink> tap) throws IOException, InterruptedException {
    startCameras(config.cameras(), tap);
  }

  /** The same with these cameras in place of the file's. */
  public void startCameras(List<CameraConfig> list, UnaryOperator<FrameSink> tap)
      throws IOException, InterruptedException {
    IngestRole ingest =
        IngestRole.prepare(
            new IngestRole.Parts(
                config.withCameras(list), kafka, held, metrics, health, traces, processName()),
            closer);
    awaitReady();
    cameras = ingest.join(member(config.name() + "-ingest"), tap);
  }

  private GroupMember member(String group) throws InterruptedException {
    try (AdminSession session = AdminSession.open(kafka)) {
      return config.member(group, session.admin());
    }
  }

  private void startWorker(ModelLoader loader)
      throws IOException, ModelException, InterruptedException {
    Clock clock = Clock.systemUTC();
    TopicNames topics = config.topics().names();
    RolloutController orders =
        new RolloutController(kafka, topics, processName(), clock, readers());
    Arrivals arrivals = config.segment().live() ? Arrivals.tracked() : Arrivals.unknown();
    DeployedModels models;
    try {
      models =
          closer.add(new DeployedModels(loader, this::publish, orders, arrivals, metrics, clock));
    } catch (ModelException | RuntimeException e) {
      orders.close();
      throw e;
    }
    loader.close();
    CameraZones zones =
        closer.add(
            new CameraZones(kafka.consumer(config.topics().maxRecordBytes()), topics, readers()));
    ViewRole.check(health, "camera-zones", Health.Severity.DEGRADED, zones::status);
    FollowedTopic<RuleEvaluator> rules = followRules();
    worker =
        closer.add(
            SegmentWorker.start(
                new SegmentWorker.Parts(
                    member(config.name()),
                    kafka,
                    config.topics(),
                    config.segment(),
                    held,
                    config.forgetAfter(),
                    models::of,
                    zones::of,
                    rules::values,
                    models.lanes(),
                    arrivals,
                    metrics,
                    traces,
                    clock)));
    closer.add(orders).follow(models.slots(), models::load);
    ViewRole.check(health, "model-orders", Health.Severity.DEGRADED, orders::status);
    SegmentWorker started = worker;
    health.add("worker", Health.Severity.NOT_READY, started::working);
    started.vitalSigns().forEach((name, sign) -> health.add(name, Health.Severity.NOT_ALIVE, sign));
    health.add("models", Health.Severity.DEGRADED, models::asOrdered);
    health.add("device", Health.Severity.NOT_ALIVE, models::answers);
    DeviceMemory.watch(models.slots().keySet(), config.segment().device(), metrics);
  }

  /** Puts the file's rules into their topic and follows it. */
  private FollowedTopic<RuleEvaluator> followRules() throws IOException {
    new RuleRegistry(kafka, config.topics()).putFile(config.rules());
    FollowedTopic<RuleEvaluator> rules =
        closer.add(
            RuleRegistry.follow(
                kafka.consumer(config.topics().maxRecordBytes()), config.topics(), readers()));
    ViewRole.check(health, "rules", Health.Severity.DEGRADED, rules::status);
    return rules;
  }

  private void publish(ClassTable table) throws IOException {
    Map<String, Object> settings = kafka.common();
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false); // twice is no harm, and it waits
    TopicWriter.write(
        kafka, settings, List.of(ClassTableRecords.record(config.topics().names(), table)));
  }

  private static String processName() throws IOException {
    return InetAddress.getLocalHost().getHostName() + "/" + ProcessHandle.current().pid();
  }

  private RecordLoop.Observer readers() {
    return new RecordLoop.Observer(metrics::recordRefused, metrics::readerRestarted);
  }

  /** The cluster, with the address of an embedded broker filled in. */
  public KafkaConnection kafka() {
    return kafka;
  }

  public Metrics metrics() {
    return metrics;
  }

  /** Time of one frame in the segment role, taken while the process started; zero without it. */
  public Duration frameTime() {
    return loader.map(ModelLoader::frameTime).orElse(Duration.ZERO);
  }

  /** Waits until the segment role, if any, has its partitions. */
  public void awaitReady() throws IOException, InterruptedException {
    long end = System.nanoTime() + START_TIMEOUT.toNanos();
    while (!ready()) {
      if (whenFatal().isDone()) {
        throw new IOException(whenFatal().join());
      }
      if (System.nanoTime() > end) {
        throw new IOException(
            "the worker did not start within " + START_TIMEOUT.toSeconds() + " s");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Whether the segment role, if any, has its partitions. */
  private boolean ready() {
    return worker == null || worker.running();
  }

  /** Stops the cameras; frames on their way are still segmented. */
  public void stopCameras() {
    if (cameras != null) {
      cameras.close();
    }
  }

  /** A thread of the process has ended by a failure that nothing has handled. */
  public void threadEnded(Thread thread, Throwable failure) {
    log.error("thread {} has ended", thread.getName(), failure);
    health.add(
        "thread " + thread.getName(),
        Health.Severity.DEGRADED,
        () -> new Health.CheckResult(false, "has ended: " + failure));
  }

  /** Completes with one sentence when the worker has ended because nothing else can help. */
  public CompletableFuture<String> whenFatal() {
    return worker == null ? new CompletableFuture<>() : worker.whenFatal();
  }

  /** Whether every camera is over. */
  public boolean camerasFinished() {
    return cameras != null && cameras.finished();
  }

  /** Address of metrics and health. */
  String monitor() {
    return java.util.Objects.requireNonNull(monitor, "not started").address();
  }

  /** Address of the page, if any. */
  public Optional<String> page() {
    return Optional.ofNullable(viewer).map(ViewServer::address);
  }

  @Override
  public void close() {
    closer.close();
  }
}
