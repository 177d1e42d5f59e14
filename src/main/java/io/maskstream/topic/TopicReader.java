package io.maskstream.topic;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Reads whole topics, outside of any consumer group. */
public final class TopicReader {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration METADATA_PAUSE = Duration.ofMillis(50);
  private static final Duration STALL = Duration.ofSeconds(60);
  private static final int FETCH_BYTES = 8_000_000;

  private TopicReader() {}

  /** A consumer of all partitions of a topic, committed records only, at their beginning. */
  public static KafkaConsumer<byte[], byte[]> atBeginning(KafkaConnection kafka, String topic) {
    Map<String, Object> settings = kafka.consumer(FETCH_BYTES);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(
        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"); // goes on behind what expired
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG); // whatever the file says
    KafkaConsumer<byte[], byte[]> consumer = ByteClients.consumer(settings);
    try {
      List<TopicPartition> partitions = partitions(consumer, topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      return consumer;
    } catch (RuntimeException e) {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
      throw e;
    }
  }

  /** The partitions of a topic. */
  public static List<TopicPartition> partitions(KafkaConnection kafka, String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer = atBeginning(kafka, topic)) {
      return List.copyOf(consumer.assignment());
    }
  }

  /**
   * The partitions of a topic; a broker knows those of a new topic some time after the topic.
   *
   * @throws UnknownTopicOrPartitionException where it knows none for some seconds
   */
  static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
    long end = System.nanoTime() + METADATA_TIMEOUT.toNanos();
    while (true) {
      List<TopicPartition> found =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      if (!found.isEmpty()) {
        return found;
      }
      if (System.nanoTime() > end) {
        throw new UnknownTopicOrPartitionException("the topic " + topic + " has no partitions");
      }
      LockSupport.parkNanos(METADATA_PAUSE.toNanos());
    }
  }

  /** Offsets of the first records of a time or later; ends of partitions that have none. */
  public static Map<TopicPartition, Long> offsets(
      KafkaConsumer<byte[], byte[]> consumer, Instant time) {
    Map<TopicPartition, Long> offsets =
        new LinkedHashMap<>(consumer.endOffsets(consumer.assignment()));
    Map<TopicPartition, Long> asked = new LinkedHashMap<>();
    long millis = Math.max(0, time.toEpochMilli());
    consumer.assignment().forEach(partition -> asked.put(partition, millis));
    consumer
        .offsetsForTimes(asked)
        .forEach(
            (partition, found) -> {
              if (found != null) {
                offsets.put(partition, found.offset());
              }
            });
    return offsets;
  }

  /**
   * Goes through the records from where a consumer stands.
   *
   * @param ends offset of each partition before which it stops
   * @throws TimeoutException where none comes for a while
   */
  public static void forEach(
      KafkaConsumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> ends,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> action) {
    Stall stall = new Stall();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      stall.polled(records.count(), ends.keySet());
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (record.offset()
            < ends.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L)) {
          action.accept(record);
        }
      }
    }
  }

  /** Watches that records come while some are missing: a consumer waits for ever for its broker. */
  static final class Stall {
    private long sinceNanos = System.nanoTime();

    void polled(int records, Collection<TopicPartition> partitions) {
      long now = System.nanoTime();
      if (records > 0) {
        sinceNanos = now;
      } else if (now - sinceNanos > STALL.toNanos()) {
        throw new TimeoutException(
            "no record of %s has come for %d s, though there are more"
                .formatted(partitions, STALL.toSeconds()));
      }
    }
  }

  /** The records from where a consumer stands to where the topic ends now. */
  public static List<ConsumerRecord<byte[], byte[]>> toEnd(KafkaConsumer<byte[], byte[]> consumer) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    forEach(consumer, consumer.endOffsets(consumer.assignment()), records::add);
    return records;
  }

  /** All records of a topic up to now. */
  public static List<ConsumerRecord<byte[], byte[]>> readAll(KafkaConnection kafka, String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer = atBeginning(kafka, topic)) {
      return toEnd(consumer);
    }
  }
}
