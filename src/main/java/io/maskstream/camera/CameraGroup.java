package io.maskstream.camera;

import io.maskstream.metrics.Health;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.KafkaConnection;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's membership in the group of ingest processes. The group shares the partitions of
 * the topic {@code cameras}; whoever owns a partition reads its cameras, and follows their records.
 * Partitions that stay keep their readers when others move.
 */
public final class CameraGroup implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CameraGroup.class);

  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLAIM_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final int FETCH_BYTES = 1_000_000;

  private final Parts parts;
  private final RunningCameras running;
  private final Map<Integer, OwnedPartition> owned = new HashMap<>();

  /** Owned until the group forgot this process, as in an outage: kept until it says otherwise. */
  private final Set<Integer> uncertain = new TreeSet<>();

  private final Thread thread = new Thread(this::run, "camera-group");
  private volatile boolean stopped;
  private volatile boolean settled;
  private boolean joined; // the group has given a share, perhaps an empty one
  private volatile String trouble = "";

  /**
   * What a member needs.
   *
   * @param topic the topic {@code cameras}
   * @param member its group, and how it takes part
   * @param process name of this process, for people
   * @param producer for claims; not closed here
   * @param variables that settings of cameras may name, such as the environment
   */
  public record Parts(
      KafkaConnection kafka,
      String topic,
      GroupMember member,
      String process,
      Producer<byte[], byte[]> producer,
      Map<String, String> variables) {}

  private CameraGroup(Parts parts, RunningCameras running) {
    this.parts = parts;
    this.running = running;
  }

  /** Loads FFmpeg's first libraries: a process that cannot would read no camera. */
  public static void loadLibraries() {
    new CallDeadline().close();
  }

  /** Joins the group; its share of the cameras starts soon after. */
  public static CameraGroup join(Parts parts, RunningCameras.Parts cameras) {
    CameraGroup group = new CameraGroup(parts, new RunningCameras(cameras));
    cameras.health().add("cameras", Health.Severity.NOT_READY, group::check);
    group.thread.start();
    return group;
  }

  private Health.CheckResult check() {
    return new Health.CheckResult(
        trouble.isEmpty(), trouble.isEmpty() ? "follows the topic of cameras" : trouble);
  }

  private void run() {
    while (!stopped) {
      try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
        follow(consumer);
      } catch (RuntimeException | LinkageError e) {
        trouble = "cannot follow the cameras: " + e.getMessage();
        log.error("{}; next try in {} ms", trouble, RETRY.toMillis(), e);
        release(List.copyOf(owned.keySet()));
        pause();
      }
    }
  }

  private void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopped = true;
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> settings = parts.kafka().consumer(FETCH_BYTES);
    parts.member().settings().forEach(settings::putIfAbsent);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    return ByteClients.consumer(settings);
  }

  private void follow(KafkaConsumer<byte[], byte[]> consumer) {
    joined = false;
    consumer.subscribe(List.of(parts.topic()), new Shares(consumer));
    try {
      while (!stopped) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          OwnedPartition partition = owned.get(record.partition());
          if (partition != null && record.key() != null && record.key().length > 0) {
            partition.read(record);
          }
        }
        claim(consumer);
        running.forget();
      }
    } finally {
      consumer.close(
          CloseOptions.timeout(CLAIM_TIMEOUT)
              .withGroupMembershipOperation(
                  parts.member().instance().isPresent()
                      ? CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP
                      : CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
  }

  private void claim(KafkaConsumer<byte[], byte[]> consumer) {
    for (Map.Entry<Integer, OwnedPartition> entry : owned.entrySet()) {
      TopicPartition partition = new TopicPartition(parts.topic(), entry.getKey());
      boolean wanted = entry.getValue().unclaimed() && !uncertain.contains(entry.getKey());
      long position = wanted ? consumer.position(partition) : 0;
      if (wanted
          && entry.getValue().claimable(position)
          && isMember(consumer, partition, position)) {
        entry.getValue().claimed(send(partition));
      }
    }
    boolean claimed = owned.values().stream().noneMatch(OwnedPartition::unclaimed);
    settled = claimed && !owned.isEmpty();
    trouble = claimed && joined ? "" : trouble;
  }

  /** Asks the group by a commit, which it refuses to a process that it has given up. */
  private static boolean isMember(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long position) {
    try {
      consumer.commitSync(Map.of(partition, new OffsetAndMetadata(position)), CLAIM_TIMEOUT);
      return true;
    } catch (CommitFailedException | RebalanceInProgressException e) {
      log.debug("no claim of {} now", partition, e);
      return false;
    }
  }

  private RecordMetadata send(TopicPartition partition) {
    ProducerRecord<byte[], byte[]> claim =
        new ProducerRecord<>(
            partition.topic(),
            partition.partition(),
            OwnerClaim.key(),
            new OwnerClaim(parts.process()).write());
    try {
      return parts.producer().send(claim).get(CLAIM_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("the cameras of " + partition + " could not be claimed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while claiming " + partition, e);
    }
  }

  /** What the group gives and takes; called by {@code poll}. */
  private final class Shares implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> consumer;

    Shares(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      List<Integer> given = numbers(partitions);
      consumer.endOffsets(partitions).forEach(this::take);
      List<Integer> others = uncertain.stream().filter(number -> !given.contains(number)).toList();
      uncertain.clear();
      release(others);
      joined = true;
    }

    private void take(TopicPartition partition, long end) {
      OwnedPartition known = owned.get(partition.partition());
      if (known == null) {
        log.info("takes the cameras of partition {} over", partition.partition());
        owned.put(partition.partition(), new OwnedPartition(running, parts.variables(), end));
        consumer.seekToBeginning(List.of(partition));
      } else {
        known.takenAgain(end);
        consumer.seek(partition, known.next());
      }
    }

    /** The group has not heard of this process for a while; perhaps nobody has taken its share. */
    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      uncertain.addAll(numbers(partitions));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      release(numbers(partitions));
    }
  }

  private static List<Integer> numbers(Collection<TopicPartition> partitions) {
    return partitions.stream().map(TopicPartition::partition).sorted().toList();
  }

  /** Stops the cameras of partitions that are ours no more. */
  private void release(Collection<Integer> partitions) {
    List<String> ids =
        partitions.stream()
            .map(owned::remove)
            .filter(Objects::nonNull)
            .flatMap(partition -> partition.ids().stream())
            .toList();
    if (!ids.isEmpty()) {
      log.info("gives cameras {} away", ids);
      running.stop(ids);
    }
  }

  /** What each camera of this process does, by id. */
  public Map<String, CameraStatus> statuses() {
    return running.statuses();
  }

  /** Whether this process has a share of the cameras and all of them are over. */
  public boolean finished() {
    return settled && running.finished();
  }

  /** Stops the cameras and leaves the group, so that others take over at once. */
  @Override
  public void close() {
    stopped = true;
    running.close();
    try {
      thread.join(STOP_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
