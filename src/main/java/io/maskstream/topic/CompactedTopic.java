package io.maskstream.topic;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A compacted topic of JSON, for who reads it whole and changes some keys. */
public final class CompactedTopic {
  private static final Logger log = LoggerFactory.getLogger(CompactedTopic.class);

  private final KafkaConnection kafka;
  private final String name;
  private final int maxRecordBytes;

  /** A topic that is there. */
  public CompactedTopic(KafkaConnection kafka, String name, int maxRecordBytes) {
    this.kafka = kafka;
    this.name = name;
    this.maxRecordBytes = maxRecordBytes;
  }

  /** Reads a record with a value; an IllegalArgumentException means that it is none of ours. */
  public interface Reader<T> {
    /** What it says of its key; empty where it says nothing that is listed. */
    Optional<T> read(String key, ConsumerRecord<byte[], byte[]> record);
  }

  /**
   * All that the topic says up to now, by key; the last record of a key counts. One that is none of
   * ours is skipped with a warning: the others go on.
   */
  public <T> Map<String, T> read(Reader<T> reader) {
    Map<String, T> values = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(kafka, name)) {
      String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
      if (record.value() == null) {
        values.remove(key);
        continue;
      }
      try {
        reader.read(key, record).ifPresent(value -> values.put(key, value));
      } catch (SerializationException | IllegalArgumentException e) {
        log.warn("{}: the record of '{}' is skipped: {}", name, key, e.getMessage());
      }
    }
    return values;
  }

  /**
   * Writes values by key; null removes one.
   *
   * @throws IOException where Kafka has not confirmed them all
   */
  public void write(Map<String, ? extends @Nullable Object> values) throws IOException {
    if (values.isEmpty()) {
      return;
    }
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (Map.Entry<String, ? extends @Nullable Object> entry : values.entrySet()) {
      Object value = entry.getValue();
      byte[] key = entry.getKey().getBytes(StandardCharsets.UTF_8);
      records.add(new ProducerRecord<>(name, key, value == null ? null : Json.write(value)));
    }
    TopicWriter.write(kafka, kafka.producer(maxRecordBytes), records);
  }
}
