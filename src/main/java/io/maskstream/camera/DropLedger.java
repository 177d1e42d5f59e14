package io.maskstream.camera;

import io.maskstream.metrics.Metrics;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drop records on their way to Kafka. While no broker answers they wait here and go out afterwards,
 * so that a frame lost to an outage is still accounted for. Few of them are inside the producer at
 * a time, which leaves its memory to the frames.
 */
public final class DropLedger implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DropLedger.class);

  /** Part of the heap that waiting records may take: of 4 GB, a day of ten cameras of 10 fps. */
  private static final double HEAP_SHARE = 0.25;

  /** On the heap; the camera's name is shared by its records. */
  static final int RECORD_BYTES = 100;

  /** Records inside the producer. */
  static final int IN_FLIGHT = 1_000;

  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration LAST_FLUSH = Duration.ofSeconds(5);

  private final Producer<byte[], byte[]> producer;
  private final TopicNames topics;
  private final Metrics metrics;
  private final long capacity;
  private final Deque<DropRecord> waiting = new ArrayDeque<>();
  private long lost;
  private int inFlight;
  private Duration pause = INTERVAL;
  private volatile long pauseUntilNanos = System.nanoTime();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "drop-ledger"));

  public DropLedger(Producer<byte[], byte[]> producer, TopicNames topics, Metrics metrics) {
    this(
        producer,
        topics,
        metrics,
        (long) (Runtime.getRuntime().maxMemory() * HEAP_SHARE / RECORD_BYTES));
  }

  DropLedger(Producer<byte[], byte[]> producer, TopicNames topics, Metrics metrics, long capacity) {
    this.capacity = capacity;
    this.producer = producer;
    this.topics = topics;
    this.metrics = metrics;
    var unused =
        thread.scheduleWithFixedDelay(
            this::flushSafely, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Notes a drop; never waits for Kafka. */
  public void add(DropRecord drop) {
    metrics.dropped(drop.frame().camera(), drop.stage().label(), drop.reason().label());
    synchronized (this) {
      if (waiting.size() < capacity) {
        waiting.addLast(drop);
        return;
      }
      lost++;
      if (lost == 1) { // the rest are counted, and said once records go out again
        log.error(
            "{} drop records wait for a broker, which is what memory allows; lost from {} on",
            capacity,
            drop.frame().text());
      }
    }
  }

  private synchronized @Nullable DropRecord take() {
    if (inFlight >= IN_FLIGHT || waiting.isEmpty()) {
      return null;
    }
    inFlight++;
    return waiting.removeFirst();
  }

  private synchronized void settle(DropRecord drop, @Nullable Exception failure) {
    inFlight--;
    if (failure == null) {
      pause = INTERVAL;
      if (waiting.size() <= capacity / 2) { // not each time that there is room for one
        sayLost();
      }
      return;
    }
    waiting.addFirst(drop);
    long now = System.nanoTime();
    if (now - pauseUntilNanos >= 0) { // once for all that were in the producer
      log.warn(
          "{} drop records wait, {} takes none; next try in {} ms: {}",
          waiting.size() + inFlight,
          topics.drops(),
          pause.toMillis(),
          failure.getMessage());
      pauseUntilNanos = now + pause.toNanos();
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  private void sayLost() {
    if (lost > 0) {
      log.error("{} drop records were lost while no broker answered", lost);
      lost = 0;
    }
  }

  private void flushSafely() {
    try {
      flush();
    } catch (RuntimeException e) { // or the executor would never call again
      log.error("drop records cannot be sent; it is tried again", e);
    }
  }

  private void flush() {
    if (System.nanoTime() - pauseUntilNanos < 0) {
      return;
    }
    for (DropRecord drop = take(); drop != null; drop = take()) {
      if (!send(drop)) {
        return; // the broker is away; the next round tries again
      }
    }
  }

  /** Gives a record to the producer, or says that it does not take any now. */
  private boolean send(DropRecord drop) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topics.drops(),
            drop.frame().camera().getBytes(StandardCharsets.UTF_8),
            Json.write(drop));
    boolean[] refused = new boolean[1]; // without metadata, send fails before it returns
    try {
      var unused =
          producer.send(
              record,
              (metadata, failure) -> {
                refused[0] = failure != null;
                settle(drop, failure);
              });
      return !refused[0];
    } catch (KafkaException e) {
      settle(drop, e);
      return false;
    }
  }

  private synchronized int unsettled() {
    return waiting.size() + inFlight;
  }

  /** Sends what waits, for a few seconds, and says what it could not send. */
  @Override
  public void close() {
    thread.shutdownNow();
    synchronized (this) {
      pause = INTERVAL;
      pauseUntilNanos = System.nanoTime();
    }
    long end = System.nanoTime() + LAST_FLUSH.toNanos();
    try {
      while (unsettled() > 0 && System.nanoTime() < end) {
        flush();
        TimeUnit.MILLISECONDS.sleep(1); // until the producer has acknowledged more
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      sayLost();
      if (unsettled() > 0) {
        log.error("{} drop records could not be sent before the stop", unsettled());
      }
    }
  }
}
