package io.maskstream.camera;

import io.maskstream.metrics.Metrics;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drop records on their way to Kafka. While no broker answers they wait here and go out afterwards,
 * so that a frame lost to an outage is still accounted for.
 */
public final class DropLedger implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DropLedger.class);

  /** About a day of ten cameras; a record takes some 100 bytes. */
  private static final int CAPACITY = 10_000_000;

  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration LAST_FLUSH = Duration.ofSeconds(5);

  private final Producer<byte[], byte[]> producer;
  private final TopicNames topics;
  private final Metrics metrics;
  private final ConcurrentLinkedQueue<DropRecord> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger unsettled = new AtomicInteger();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "drop-ledger"));

  public DropLedger(Producer<byte[], byte[]> producer, TopicNames topics, Metrics metrics) {
    this.producer = producer;
    this.topics = topics;
    this.metrics = metrics;
    var unused =
        thread.scheduleWithFixedDelay(
            this::flush, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Notes a drop; never waits. */
  public void add(DropRecord drop) {
    metrics.dropped(
        drop.camera(),
        drop.stage().name().toLowerCase(Locale.ROOT),
        drop.reason().name().toLowerCase(Locale.ROOT));
    if (unsettled.incrementAndGet() > CAPACITY) {
      unsettled.decrementAndGet();
      log.error("more than {} drop records wait for a broker; lost {}", CAPACITY, drop);
      return;
    }
    waiting.add(drop);
  }

  private void flush() {
    for (DropRecord drop = waiting.poll(); drop != null; drop = waiting.poll()) {
      if (!send(drop)) {
        return; // the broker is away; the next round tries again
      }
    }
  }

  private boolean send(DropRecord drop) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topics.drops(), drop.camera().getBytes(StandardCharsets.UTF_8), Json.write(drop));
    try {
      AtomicBoolean refused = new AtomicBoolean(); // without metadata, send fails before it returns
      var unused =
          producer.send(
              record,
              (metadata, failure) -> {
                if (failure == null) {
                  unsettled.decrementAndGet();
                } else {
                  refused.set(true);
                  waiting.add(drop);
                }
              });
      return !refused.get();
    } catch (KafkaException e) {
      waiting.add(drop);
      return false;
    }
  }

  /** Sends what waits, for a few seconds, and says what it could not send. */
  @Override
  public void close() {
    thread.shutdownNow();
    long end = System.nanoTime() + LAST_FLUSH.toNanos();
    do {
      flush();
      producer.flush();
    } while (unsettled.get() > 0 && System.nanoTime() < end);
    if (unsettled.get() > 0) {
      log.error("{} drop records could not be sent before the stop", unsettled.get());
    }
  }
}
