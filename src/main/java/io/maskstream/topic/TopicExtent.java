package io.maskstream.topic;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * From when to when the records of a topic are.
 *
 * @param first time of the oldest record; empty where there is none
 * @param last time of the newest record
 * @param expired partitions whose first records have been deleted, with the time of their oldest
 */
public record TopicExtent(
    Optional<Instant> first, Optional<Instant> last, Map<TopicPartition, Instant> expired) {

  /** Reads the first and the last record of every partition; moves the consumer. */
  public static TopicExtent of(KafkaConsumer<byte[], byte[]> consumer) {
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(consumer.assignment());
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    List<Instant> times = new ArrayList<>();
    Map<TopicPartition, Instant> expired = new LinkedHashMap<>();
    begins.forEach(
        (partition, begin) -> {
          long end = ends.getOrDefault(partition, begin);
          if (end > begin) {
            Optional<Instant> oldest = time(consumer, partition, begin);
            oldest.filter(time -> begin > 0).ifPresent(time -> expired.put(partition, time));
            oldest.ifPresent(times::add);
            time(consumer, partition, end - 1).ifPresent(times::add);
          }
        });
    return new TopicExtent(
        times.stream().min(Instant::compareTo), times.stream().max(Instant::compareTo), expired);
  }

  /** Time of a record; empty where the offset is not a record's. */
  private static Optional<Instant> time(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) {
    List<Instant> times = new ArrayList<>();
    consumer.pause(consumer.assignment());
    consumer.resume(List.of(partition));
    consumer.seek(partition, offset);
    TopicReader.forEach(
        consumer,
        Map.of(partition, offset + 1),
        record -> times.add(Instant.ofEpochMilli(record.timestamp())));
    consumer.resume(consumer.assignment());
    return times.stream().findFirst();
  }

  /** The latest time before which some partition has lost records, where that is after another. */
  public Optional<Instant> lostBefore(Instant from) {
    return expired.values().stream().filter(oldest -> oldest.isAfter(from)).max(Instant::compareTo);
  }

  @Override
  public String toString() {
    return first.isEmpty() || last.isEmpty()
        ? "the topic is empty"
        : "its records are of %s to %s".formatted(first.get(), last.get());
  }
}
