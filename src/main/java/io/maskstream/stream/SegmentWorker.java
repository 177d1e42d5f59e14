package io.maskstream.stream;

import io.maskstream.inference.ModelSlot;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.ReusePolicy;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running segmentation worker. */
public final class SegmentWorker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SegmentWorker.class);

  /** Few records a poll, so that a slow model never holds the group up. */
  private static final int POLL_RECORDS = 8;

  /** Streams would wait 100 ms for more; masks are worth nothing when late. */
  private static final int LINGER_MILLIS = 2;

  /** Exactly-once results are seen with the next commit. */
  private static final Duration EXACTLY_ONCE_COMMIT = Duration.ofMillis(100);

  /** What a crashed worker's frames are repeated by; live ones are stale by then. */
  private static final Duration COMMIT = Duration.ofSeconds(1);

  /** After this a dead worker's cameras go to another; the least that brokers allow by default. */
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);

  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

  private final KafkaStreams streams;
  private final int expectedThreads;

  /**
   * What a worker is made of.
   *
   * @param slots the models, by the camera's id
   */
  public record Parts(
      String applicationId,
      KafkaConnection kafka,
      TopicNames topics,
      int maxRecordBytes,
      SegmentConfig config,
      Function<String, ModelSlot> slots,
      Metrics metrics,
      InstantSource clock) {}

  private SegmentWorker(KafkaStreams streams, Parts parts) {
    this.streams = streams;
    this.expectedThreads = parts.config().threads();
  }

  /** Starts a worker; it joins the group of its application id. */
  public static SegmentWorker start(Parts parts) throws IOException {
    Properties properties = new Properties();
    properties.putAll(settings(parts));
    KafkaStreams streams = new KafkaStreams(topology(parts), new StreamsConfig(properties));
    SegmentWorker worker = new SegmentWorker(streams, parts);
    streams.setUncaughtExceptionHandler(
        failure -> {
          log.error("a stream thread failed", failure);
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
    streams.setStateListener((next, before) -> log.info("worker: {}", next));
    streams.start();
    parts.metrics().kafka("worker", streams::metrics);
    return worker;
  }

  static Topology topology(Parts parts) {
    SegmentConfig config = parts.config();
    ReusePolicy policy = config.reuse().toReuse().build();
    ResetRules rules = config.reset().toRules();
    ResultWriter results =
        new ResultWriter(policy.name(), config.overlay(), parts.maxRecordBytes(), parts.metrics());
    SegmentProcessor.Slots slots =
        new SegmentProcessor.Slots(parts.slots(), slot -> new SlotSegmenter(slot, policy, rules));
    return SegmentTopology.build(
        parts.topics(),
        () -> new SegmentProcessor(slots, results, config.maxAge(), parts.metrics(), parts.clock()),
        () -> new WindowProcessor(config.windows()));
  }

  static Map<String, Object> settings(Parts parts) throws IOException {
    SegmentConfig config = parts.config();
    boolean exactlyOnce = config.guarantee() == SegmentConfig.Guarantee.EXACTLY_ONCE;
    Map<String, Object> all = new LinkedHashMap<>(parts.kafka().common());
    all.put(StreamsConfig.APPLICATION_ID_CONFIG, parts.applicationId());
    all.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
    all.put(
        StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
        exactlyOnce ? StreamsConfig.EXACTLY_ONCE_V2 : StreamsConfig.AT_LEAST_ONCE);
    all.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbyReplicas());
    all.put(
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
        config.commitInterval().orElse(exactlyOnce ? EXACTLY_ONCE_COMMIT : COMMIT).toMillis());
    all.put(StreamsConfig.STATE_DIR_CONFIG, stateDir(config).toString());
    all.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    all.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, parts.topics().deadLetters());
    all.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, PoisonHandler.class);
    all.put(PoisonHandler.METRICS, parts.metrics());
    all.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, RefusalHandler.class);
    all.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), POLL_RECORDS);
    all.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG),
        parts.maxRecordBytes());
    all.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    all.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
        (int) SESSION_TIMEOUT.toMillis());
    all.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
        (int) SESSION_TIMEOUT.toMillis() / 4);
    all.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), LINGER_MILLIS);
    all.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        parts.maxRecordBytes());
    return all;
  }

  private static Path stateDir(SegmentConfig config) throws IOException {
    return config.stateDir().isPresent()
        ? Files.createDirectories(config.stateDir().get())
        : Files.createTempDirectory("maskstream-state");
  }

  /** Whether the worker has its share of the partitions and works, for the health page. */
  public Health.Finding working() {
    return new Health.Finding(running(), "Kafka Streams is " + streams.state());
  }

  /** Whether any stream thread is left; they are replaced when they fail, but not in all cases. */
  public Health.Finding threads() {
    long alive =
        streams.metadataForLocalThreads().stream()
            .filter(thread -> !thread.threadState().equals("DEAD"))
            .count();
    boolean failed = streams.state() == KafkaStreams.State.ERROR;
    return new Health.Finding(
        !failed && alive == expectedThreads,
        "%d of %d stream threads alive".formatted(failed ? 0 : alive, expectedThreads));
  }

  /** Whether the worker has its share of the partitions and works. */
  public boolean running() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  @Override
  public void close() {
    if (!streams.close(CLOSE_PATIENCE)) {
      log.warn("the worker did not stop within {} s", CLOSE_PATIENCE.toSeconds());
    }
  }
}
