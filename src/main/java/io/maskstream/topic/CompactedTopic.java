package io.maskstream.topic;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** A compacted topic of JSON, for who reads it whole and changes some keys. */
public final class CompactedTopic {
  private static final int TIMEOUT_SECONDS = 20;

  private final KafkaConnection kafka;
  private final String name;
  private final int maxRecordBytes;

  /** A topic that is there. */
  public CompactedTopic(KafkaConnection kafka, String name, int maxRecordBytes) {
    this.kafka = kafka;
    this.name = name;
    this.maxRecordBytes = maxRecordBytes;
  }

  /** All records up to now; the last one of a key counts. */
  public List<ConsumerRecord<byte[], byte[]>> readAll() {
    return TopicReader.readAll(kafka, name);
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
    try (Producer<byte[], byte[]> producer = ByteClients.producer(kafka.producer(maxRecordBytes))) {
      for (Map.Entry<String, ? extends @Nullable Object> entry : values.entrySet()) {
        Object value = entry.getValue();
        producer
            .send(
                new ProducerRecord<>(
                    name,
                    entry.getKey().getBytes(StandardCharsets.UTF_8),
                    value == null ? null : Json.write(value)))
            .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("cannot write " + name + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while writing " + name, e);
    }
  }
}
