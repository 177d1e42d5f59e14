package io.maskstream.topic;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
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
    long end = System.nanoTime() + PATIENCE.toNanos();
    Producer<byte[], byte[]> producer = null;
    try {
      producer = ByteClients.producer(patient);
      List<Future<?>> sent = new ArrayList<>();
      for (ProducerRecord<byte[], byte[]> record : records) {
        sent.add(producer.send(record));
        requireConfirmed(sent.get(0), end); // or each of them would wait for a broker
      }
      for (Future<?> each : sent) {
        requireConfirmed(each, end);
      }
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw KafkaReach.failure(kafka, PATIENCE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for Kafka", e);
    } finally {
      if (producer != null) {
        producer.close(Duration.ZERO); // what is not confirmed is given up
      }
    }
  }

  private static void requireConfirmed(Future<?> sent, long endNanos)
      throws ExecutionException, TimeoutException, InterruptedException {
    var unused = sent.get(Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
  }
}
