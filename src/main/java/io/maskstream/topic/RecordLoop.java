package io.maskstream.topic;

import io.maskstream.frame.LogContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all partitions of some topics, outside of any consumer group, for as long as the process
 * runs. A record that its handler refuses is logged, counted and skipped. A loop that fails is
 * started again where it stood, after a wait that doubles each time.
 *
 * <p>Positions are fixed when the loop is made: what is written later is read. Until {@link #start}
 * it belongs to the thread that made it.
 */
public final class RecordLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RecordLoop.class);

  private static final Duration POLL = Duration.ofMillis(100);

  /** Between two looks for partitions that are new. */
  private static final Duration LOOK_FOR_PARTITIONS = Duration.ofSeconds(30);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(30);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  /** Refused records may come by the thousand: one line of the log per second is enough. */
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * What to read.
   *
   * @param name of the loop: of its thread, its health check and its metrics
   * @param whole topics that are read from their beginning
   * @param live topics that are read from now on
   * @param recent records of each partition of the live topics that are read from before now
   */
  public record Subject(String name, Set<String> whole, Set<String> live, int recent) {
    public Subject {
      whole = Set.copyOf(whole);
      live = Set.copyOf(live);
    }

    public Subject(String name, Set<String> whole, Set<String> live) {
      this(name, whole, live, 0);
    }
  }

  /**
   * Who counts.
   *
   * @param refused called with the topic of every record that the handler refused
   * @param restarted called with the loop's name whenever it starts again
   */
  public record Observer(Consumer<String> refused, Consumer<String> restarted) {

    /** Counts nothing. */
    public static Observer none() {
      return new Observer(topic -> {}, name -> {});
    }
  }

  /**
   * How the loop is.
   *
   * @param reads whether it reads
   * @param sentence what it does, or why it does not
   */
  public record Status(boolean reads, String sentence) {}

  private final Subject subject;
  private final Supplier<? extends org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>>
      consumers;
  private final Consumer<ConsumerRecord<byte[], byte[]>> handler;
  private final Observer observer;
  private final Map<TopicPartition, Long> next = new HashMap<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
  private @Nullable Thread thread;
  private volatile Status status = new Status(false, "has not started");
  private int failures;
  private long refused;
  private long loggedNanos = System.nanoTime() - LOG_INTERVAL_NANOS;
  private long lookedNanos = System.nanoTime();

  /**
   * Fixes the positions.
   *
   * @param settings of the consumer, without deserialisers
   * @param handler takes a record; an exception means that it refuses it
   * @throws KafkaException where the topics cannot be reached
   */
  public RecordLoop(
      Subject subject,
      Map<String, Object> settings,
      Consumer<ConsumerRecord<byte[], byte[]>> handler,
      Observer observer) {
    this(subject, () -> consumer(settings), handler, observer);
  }

  RecordLoop(
      Subject subject,
      Supplier<? extends org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> consumers,
      Consumer<ConsumerRecord<byte[], byte[]>> handler,
      Observer observer) {
    this.subject = subject;
    this.consumers = consumers;
    this.handler = handler;
    this.observer = observer;
    this.consumer = open();
  }

  private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(settings);
    all.putIfAbsent(ConsumerConfig.METADATA_MAX_AGE_CONFIG, LOOK_FOR_PARTITIONS.toMillis());
    all.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"); // retention passed us
    return ByteClients.consumer(all);
  }

  private org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> open() {
    var made = consumers.get();
    try {
      place(made);
      return made;
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
  }

  /** Partitions that are new since the first time are read from their beginning. */
  private void place(org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> made) {
    boolean first = next.isEmpty();
    List<TopicPartition> all = new ArrayList<>();
    List<TopicPartition> fromBeginning = new ArrayList<>();
    List<TopicPartition> fromEnd = new ArrayList<>();
    for (String topic : subject.whole()) {
      fromBeginning.addAll(TopicReader.partitions(made, topic));
    }
    for (String topic : subject.live()) {
      (first ? fromEnd : fromBeginning).addAll(TopicReader.partitions(made, topic));
    }
    all.addAll(fromBeginning);
    all.addAll(fromEnd);
    made.assign(all);
    made.seekToBeginning(fromBeginning.stream().filter(one -> !next.containsKey(one)).toList());
    if (!fromEnd.isEmpty()) {
      seekToRecent(made, fromEnd);
    }
    next.keySet().retainAll(all);
    next.forEach(made::seek);
    all.forEach(partition -> next.put(partition, made.position(partition)));
  }

  private void seekToRecent(
      org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> made,
      List<TopicPartition> partitions) {
    if (subject.recent() == 0) {
      made.seekToEnd(partitions);
      return;
    }
    Map<TopicPartition, Long> starts = made.beginningOffsets(partitions);
    made.endOffsets(partitions)
        .forEach(
            (partition, end) ->
                made.seek(
                    partition,
                    Math.max(starts.getOrDefault(partition, 0L), end - subject.recent())));
  }

  /** Reads to where the topics end now, in the calling thread. */
  public void catchUp() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    TopicReader.Stall stall = new TopicReader.Stall();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      stall.polled(poll(), ends.keySet());
    }
    lookedNanos = System.nanoTime();
  }

  /** Reads in a thread of its own from now on. */
  public RecordLoop start() {
    return start(() -> {});
  }

  /**
   * Reads in a thread of its own from now on.
   *
   * @param before runs in that thread first
   */
  public RecordLoop start(Runnable before) {
    Thread made = new Thread(() -> run(before), subject.name());
    made.setDaemon(true);
    thread = made;
    status = new Status(true, "reads");
    made.start();
    return this;
  }

  private void run(Runnable before) {
    try {
      before.run();
      while (stopped.getCount() > 0) {
        attempt();
      }
    } catch (InterruptException | InterruptedException e) {
      log.debug("{}: interrupted", subject.name(), e);
    } finally {
      status = new Status(false, "has ended");
      consumer.close();
    }
  }

  private void attempt() throws InterruptedException {
    try {
      var unused = poll();
      if (System.nanoTime() - lookedNanos >= LOOK_FOR_PARTITIONS.toNanos()) {
        lookedNanos = System.nanoTime();
        lookForPartitions();
      }
      failures = 0;
    } catch (InterruptException e) {
      throw e;
    } catch (RuntimeException e) {
      if (stopped.getCount() > 0) {
        restart(e);
      }
    }
  }

  /** An operator may add some; without them, records would be missed and nobody would know. */
  void lookForPartitions() {
    boolean more =
        Stream.concat(subject.whole().stream(), subject.live().stream()).anyMatch(this::hasMore);
    if (more) {
      log.info("{}: {} have more partitions now", subject.name(), topics());
      place(consumer);
    }
  }

  /** A topic that is deleted has none: what is read of the others goes on. */
  private boolean hasMore(String topic) {
    long known = consumer.assignment().stream().filter(p -> p.topic().equals(topic)).count();
    return consumer.partitionsFor(topic).size() > known;
  }

  private void restart(RuntimeException cause) throws InterruptedException {
    RuntimeException failure = cause;
    consumer.close();
    while (true) {
      Duration pause = pause(failures++);
      String sentence =
          "cannot read %s: %s; next try in %d ms"
              .formatted(topics(), reason(failure), pause.toMillis());
      status = new Status(false, sentence);
      log.warn("{}: {}", subject.name(), sentence, failure);
      if (stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      observer.restarted().accept(subject.name());
      try {
        consumer = open();
        status = new Status(true, "reads");
        return;
      } catch (InterruptException e) {
        throw e;
      } catch (RuntimeException e) {
        failure = e;
      }
    }
  }

  private static String reason(RuntimeException failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  static Duration pause(int failuresBefore) {
    Duration time = FIRST_PAUSE.multipliedBy(1L << Math.min(failuresBefore, 16));
    return time.compareTo(MAX_PAUSE) < 0 ? time : MAX_PAUSE;
  }

  private String topics() {
    List<String> all = new ArrayList<>(subject.whole());
    all.addAll(subject.live());
    return String.join(", ", all.stream().sorted().toList());
  }

  private int poll() {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (stopped.getCount() == 0) {
        break;
      }
      next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
      take(record);
    }
    return records.count();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      handler.accept(record);
    } catch (InterruptException e) {
      throw e;
    } catch (RuntimeException e) {
      observer.refused().accept(record.topic());
      refused++;
      long now = System.nanoTime();
      if (now - loggedNanos >= LOG_INTERVAL_NANOS) {
        loggedNanos = now;
        logSkipped(record, e);
      }
    }
  }

  @SuppressWarnings("try") // the context is for what is logged inside
  private void logSkipped(ConsumerRecord<byte[], byte[]> record, RuntimeException cause) {
    try (var unusedContext =
        LogContext.ofRecord(record.topic(), record.partition(), record.offset())) {
      log.warn(
          "{}: {}-{} offset {} is skipped, {} refused so far",
          subject.name(),
          record.topic(),
          record.partition(),
          record.offset(),
          refused,
          cause);
    }
  }

  /** How the loop is, for a health check. */
  public Status status() {
    return status;
  }

  /** The loop's name. */
  public String name() {
    return subject.name();
  }

  @Override
  public void close() {
    stopped.countDown();
    Thread reading = thread;
    if (reading == null) {
      consumer.close();
      return;
    }
    try {
      reading.join(STOP_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
