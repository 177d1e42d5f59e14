package io.maskstream.client;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.ClassTableRecords;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.Json;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.v1.SegmentedFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;

/** Frames of all cameras as they are segmented, each once. Used by one thread. */
public final class SegmentedFrameConsumer implements AutoCloseable {
  private static final Duration TABLE_TIME = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(500);

  /** A table that was not there is looked for again after this time. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  /** What is read. */
  public enum Scope {
    /** Masks alone. */
    MASKS,
    /** Also the frames that were dropped, so that the account is complete. */
    MASKS_AND_DROPS
  }

  /**
   * What a poll has found.
   *
   * @param frames new ones
   * @param unreadable what is wrong with records that are not ours, each with its place
   */
  public record Batch(List<ReceivedFrame> frames, List<String> unreadable) {
    public Batch {
      frames = List.copyOf(frames);
      unreadable = List.copyOf(unreadable);
    }
  }

  private final Map<String, Object> settings;
  private final TopicNames topics;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<String, ClassTable> tables = new HashMap<>();
  private final Map<String, Long> unknownTables = new HashMap<>(); // when they were looked for
  private final FrameAccount account = new FrameAccount();

  /**
   * Subscribes.
   *
   * @param prefix of the deployment's topics, {@code maskstream} by default
   * @param settings of Kafka's consumer: at least {@code bootstrap.servers} and {@code group.id};
   *     committed records only are read unless they say otherwise
   */
  public SegmentedFrameConsumer(String prefix, Map<String, Object> settings, Scope scope) {
    this.topics = new TopicNames(prefix);
    this.settings = new HashMap<>(settings);
    this.settings.putIfAbsent("isolation.level", "read_committed");
    this.consumer = ByteClients.consumer(this.settings);
    consumer.subscribe(
        scope == Scope.MASKS
            ? List.of(topics.segmentedFrames())
            : List.of(topics.segmentedFrames(), topics.drops()));
  }

  /**
   * New frames; waits for some.
   *
   * @throws KafkaException where the cluster cannot be read; the frames of this poll are lost then
   */
  public Batch poll(Duration timeout) {
    List<ReceivedFrame> frames = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
      try {
        receive(record, unreadable).ifPresent(frames::add);
      } catch (IllegalArgumentException | SerializationException e) {
        unreadable.add(problem(record, e));
      }
    }
    return new Batch(frames, unreadable);
  }

  /** Problems are those of the class tables that it needs. */
  private Optional<ReceivedFrame> receive(
      ConsumerRecord<byte[], byte[]> record, List<String> problems) {
    if (record.topic().equals(topics.drops())) {
      if (record.value() == null) {
        throw new IllegalArgumentException("it has no value");
      }
      if (record.key() != null) { // a range that expired belongs to no camera
        account.dropped(Json.read(record.value(), DropRecord.class).frame());
      }
      return Optional.empty();
    }
    SegmentedFrame frame = SegmentedFrames.parse(record.value());
    if (frame.getCamera().isEmpty()) {
      throw new IllegalArgumentException("it is not a segmented frame: it names no camera");
    }
    ClassTable table = table(frame.getClassTable(), problems);
    FrameId id = SegmentedFrames.id(frame);
    return account.segmented(id)
        ? Optional.of(new ReceivedFrame(id, frame, table))
        : Optional.empty();
  }

  private ClassTable table(String id, List<String> problems) {
    long now = System.nanoTime();
    Long missed = unknownTables.get(id);
    if (!tables.containsKey(id) && (missed == null || now - missed > LOOK_AGAIN.toNanos())) {
      readTables(problems);
      unknownTables.put(id, now);
      unknownTables.keySet().removeAll(tables.keySet());
    }
    ClassTable table = tables.get(id);
    if (table == null) {
      throw new IllegalArgumentException(topics.classTables() + " has no class table " + id);
    }
    return table;
  }

  /** Reads the compacted topic from its beginning to its present end. */
  private void readTables(List<String> problems) {
    Map<String, Object> once = new HashMap<>(settings);
    once.put("enable.auto.commit", false);
    try (KafkaConsumer<byte[], byte[]> reader = ByteClients.consumer(once)) {
      List<TopicPartition> partitions =
          reader.partitionsFor(topics.classTables(), TABLE_TIME).stream()
              .map(found -> new TopicPartition(found.topic(), found.partition()))
              .toList();
      reader.assign(partitions);
      reader.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = reader.endOffsets(partitions, TABLE_TIME);
      long deadline = System.nanoTime() + TABLE_TIME.toNanos();
      while (partitions.stream().anyMatch(p -> reader.position(p) < ends.getOrDefault(p, 0L))) {
        if (System.nanoTime() > deadline) {
          throw new KafkaException("cannot read " + topics.classTables() + " in " + TABLE_TIME);
        }
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
          if (record.value() != null) {
            take(record, problems);
          }
        }
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record, List<String> problems) {
    try {
      ClassTable table = ClassTableRecords.read(record.value());
      tables.put(table.id(), table);
    } catch (IllegalArgumentException | SerializationException e) {
      problems.add(problem(record, e));
    }
  }

  private static String problem(ConsumerRecord<byte[], byte[]> record, RuntimeException reason) {
    return "record %d of %s-%d: %s"
        .formatted(record.offset(), record.topic(), record.partition(), reason.getMessage());
  }

  /** Frames by outcome so far. */
  public FrameAccount account() {
    return account;
  }

  /** Leaves the group. */
  @Override
  public void close() {
    consumer.close();
  }
}
