package io.maskstream.topic;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Writes a few records and waits until Kafka has confirmed them. */
public final class TopicWriter {
  private static final Duration PATIENCE = KafkaReach.PATIENCE;

  private TopicWriter() {}

  /**
   * Writes records.
   *
   * @param settings of the producer, without serializers
   * @throws IOException where Kafka has not confirmed them all; they are not sent later
   */
  public static void write(
      KafkaConnection kafka,
      Map<String, Object> settings,
      List<ProducerRecord<byte[], byte[]>> records)
      throws IOException {
    Map<String, Object> patient = new HashMap<>(settings);
    patient.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE.toMillis());
    Producer<byte[], byte[]> producer = ByteClients.producer(patient);
    try {
      long end = System.nanoTime() + PATIENCE.toNanos();
      for (Future<?> sent : records.stream().map(producer::send).toList()) {
        var unused = sent.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw KafkaReach.failure(kafka, PATIENCE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for Kafka", e);
    } finally {
      producer.close(Duration.ZERO); // what is not confirmed is given up
    }
  }
}
