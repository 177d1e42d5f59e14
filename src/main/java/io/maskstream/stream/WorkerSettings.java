package io.maskstream.stream;

import io.maskstream.metrics.Metrics;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The settings of Kafka Streams for a worker: the program's choices, then the file's. */
final class WorkerSettings {

  /** A live worker looks at headers only, so it takes what there is. */
  private static final int LIVE_POLL_RECORDS = 1_000;

  /** How long a live stream thread waits for records before it settles outcomes. */
  private static final Duration LIVE_POLL = Duration.ofMillis(5);

  /** Few records per poll of a replay, so that a slow model never holds the group up. */
  private static final int REPLAY_POLL_RECORDS = 8;

  /** Streams would wait 100 ms for more; masks are worth nothing when late. */
  private static final Duration LINGER = Duration.ofMillis(2);

  /** Exactly-once results are seen with the next commit. */
  private static final Duration EXACTLY_ONCE_COMMIT = Duration.ofMillis(100);

  /** What a crashed worker's frames are repeated by; live ones are stale by then. */
  private static final Duration COMMIT = Duration.ofSeconds(1);

  /**
   * First wait before a client tries again; each further one is twice as long, up to a second.
   * Kafka Streams makes its topics one after the other and waits this long after each: it takes the
   * value from the main consumer's settings.
   */
  private static final Duration RETRY_BACKOFF = Duration.ofMillis(10);

  /** A changelog without new records answers after this time, and its task waits for that. */
  private static final Duration RESTORE_WAIT = Duration.ofMillis(50);

  private WorkerSettings() {}

  /**
   * What handlers that Kafka Streams makes by itself are given.
   *
   * @param withoutValues whether dead letters have no values
   */
  record Handed(Metrics metrics, FailedRecords failed, boolean withoutValues) {}

  static Map<String, Object> of(
      GroupMember member,
      KafkaConnection kafka,
      TopicSettings topics,
      SegmentConfig config,
      Path stateDir,
      Handed handed) {
    Map<String, Object> all = new LinkedHashMap<>(kafka.common());
    all.put(StreamsConfig.APPLICATION_ID_CONFIG, member.group());
    all.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.kafkaThreads());
    all.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbyReplicas());
    all.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, topics.replication());
    all.put(StreamsConfig.RETRY_BACKOFF_MS_CONFIG, RETRY_BACKOFF.toMillis());
    all.put(
        StreamsConfig.restoreConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG),
        (int) RESTORE_WAIT.toMillis());
    all.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
    all.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    all.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, RecordTime.class);
    if (config.standbyReplicas() == 0) {
      // A new worker takes its share at once, not after ten minutes: its stores hold kilobytes.
      all.put(StreamsConfig.ACCEPTABLE_RECOVERY_LAG_CONFIG, Long.MAX_VALUE);
    }
    putGuarantee(all, config);
    putHandlers(all, topics, handed);
    putClients(all, topics.maxRecordBytes(), config.live());
    Map<String, Object> membership = member.settings();
    membership.remove(ConsumerConfig.GROUP_ID_CONFIG); // it is the application's id
    membership.forEach((key, value) -> all.put(StreamsConfig.mainConsumerPrefix(key), value));
    all.putAll(kafka.streams(StreamsConfig.PRODUCER_PREFIX, StreamsConfig.CONSUMER_PREFIX));
    return all;
  }

  private static void putGuarantee(Map<String, Object> all, SegmentConfig config) {
    boolean exactlyOnce = config.guarantee() == SegmentConfig.Guarantee.EXACTLY_ONCE;
    all.put(
        StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
        exactlyOnce ? StreamsConfig.EXACTLY_ONCE_V2 : StreamsConfig.AT_LEAST_ONCE);
    all.put(
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
        config.commitInterval().orElse(exactlyOnce ? EXACTLY_ONCE_COMMIT : COMMIT).toMillis());
  }

  private static void putHandlers(Map<String, Object> all, TopicSettings topics, Handed handed) {
    all.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, topics.names().deadLetters());
    all.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, PoisonHandler.class);
    all.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, RefusalHandler.class);
    all.put(PoisonHandler.METRICS, handed.metrics());
    all.put(PoisonHandler.FAILED_RECORDS, handed.failed());
    all.put(PoisonHandler.MAX_RECORD_BYTES, topics.maxRecordBytes());
    all.put(PoisonHandler.WITHOUT_VALUES, handed.withoutValues());
  }

  private static void putClients(Map<String, Object> all, int maxRecordBytes, boolean live) {
    if (live) {
      all.put(StreamsConfig.POLL_MS_CONFIG, LIVE_POLL.toMillis());
      // An order to a camera may come a frame late; a replay keeps the order of the topics.
      all.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    }
    putConsumer(
        all,
        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
        live ? LIVE_POLL_RECORDS : REPLAY_POLL_RECORDS);
    putConsumer(all, ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, maxRecordBytes);
    putConsumer(all, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    putProducer(all, ProducerConfig.LINGER_MS_CONFIG, (int) LINGER.toMillis());
    putProducer(all, ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxRecordBytes);
  }

  private static void putConsumer(Map<String, Object> all, String key, Object value) {
    all.put(StreamsConfig.consumerPrefix(key), value);
  }

  private static void putProducer(Map<String, Object> all, String key, Object value) {
    all.put(StreamsConfig.producerPrefix(key), value);
  }
}
