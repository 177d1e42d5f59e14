package io.maskstream.event;

import io.maskstream.config.Labels;
import io.maskstream.event.WebhookCaller.Outcome;
import io.maskstream.frame.LogContext;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.RecordLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the events of the topic to a webhook, at least once and in the order of each camera. It is
 * a member of a consumer group: several processes share the work, and one that dies is replaced. An
 * event's offset is committed when its receiver has taken it, or has refused it for good; what
 * waits, waits in the topic, so that nothing piles up in memory.
 *
 * <p>The first time the group begins with the events that come from then on.
 */
public final class WebhookSink implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WebhookSink.class);

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);
  private static final int FETCH_BYTES = 1_000_000;

  /** Label of a call that failed and is not repeated. */
  private static final String EXPIRED = "expired";

  /** Labels of all outcomes. */
  public static List<String> outcomes() {
    return Stream.concat(Arrays.stream(Outcome.values()).map(Labels::of), Stream.of(EXPIRED))
        .toList();
  }

  /**
   * What a sink needs.
   *
   * @param topic the topic of events
   * @param member its group, and how it takes part
   * @param observer is told of each call
   */
  public record Parts(
      WebhookConfig config,
      KafkaConnection kafka,
      String topic,
      GroupMember member,
      Observer observer,
      InstantSource clock) {}

  /** Who is told of the calls, by the sink's thread. */
  public interface Observer {

    /**
     * A call is over.
     *
     * @param outcome {@code delivered}, {@code failed} (it is repeated), {@code refused} or {@code
     *     expired} (it is not)
     */
    void called(String outcome);

    /**
     * An event waits for its call to be repeated, or none does.
     *
     * @param millis when its call failed first, milliseconds since 1970; 0 where none waits
     */
    void failingSince(long millis);
  }

  private final Parts parts;
  private final WebhookCaller caller;
  private final Thread thread = new Thread(this::run, "webhook");
  private volatile boolean stopped;
  private volatile boolean joined;
  private volatile RecordLoop.Status status = new RecordLoop.Status(true, "waits for events");
  private final Map<TopicPartition, Retry> retries = new HashMap<>();
  private long restUntilNanos = System.nanoTime(); // no partition is sent before

  /**
   * Of a partition whose next event was not taken; the others go on.
   *
   * @param failures in a row
   * @param sinceMillis when they began, milliseconds since 1970
   * @param untilNanos when it is sent again, by {@link System#nanoTime}
   */
  private record Retry(int failures, long sinceMillis, long untilNanos) {}

  private WebhookSink(Parts parts) {
    this.parts = parts;
    this.caller = new WebhookCaller(parts.config(), parts.clock());
  }

  /** Starts sending. */
  public static WebhookSink start(Parts parts) {
    WebhookSink sink = new WebhookSink(parts);
    sink.thread.setDaemon(true);
    sink.thread.start();
    log.info("events go to a webhook at {}", parts.config().address().getHost());
    return sink;
  }

  /** Whether events are taken, for a health check. */
  public RecordLoop.Status status() {
    return status;
  }

  /** Whether it has had its share of the partitions: what happens from now on is sent. */
  boolean joined() {
    return joined;
  }

  private void run() {
    while (!stopped) {
      try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
        send(consumer);
      } catch (InterruptException | InterruptedException e) {
        log.debug("interrupted to stop", e);
        stopped = true;
      } catch (RuntimeException e) { // of Kafka, or whatever it is: the thread goes on
        trouble("cannot read %s: %s".formatted(parts.topic(), e), e);
        pause();
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(RETRY.toMillis());
    } catch (InterruptedException e) {
      stopped = true;
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> settings = parts.kafka().consumer(FETCH_BYTES);
    parts.member().settings().forEach(settings::putIfAbsent);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"); // retention passed us
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
    return ByteClients.consumer(settings);
  }

  private void send(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException {
    retries.clear();
    consumer.subscribe(List.of(parts.topic()), new Begin(consumer));
    while (!stopped) {
      long now = System.nanoTime();
      consumer.resume(
          consumer.paused().stream()
              .filter(partition -> now - restUntilNanos >= 0)
              .filter(partition -> !waits(retries.get(partition), now))
              .toList());
      // Where it waits for all it polls nothing, and stays in the group.
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        send(consumer, record);
      }
    }
  }

  private static boolean waits(@Nullable Retry retry, long nowNanos) {
    return retry != null && nowNanos - retry.untilNanos < 0;
  }

  @SuppressWarnings("try") // the context is for what is logged inside
  private void send(KafkaConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record)
      throws InterruptedException {
    try (var unusedContext =
        LogContext.ofRecord(record.topic(), record.partition(), record.offset())) {
      WebhookCaller.Result result = call(record);
      boolean expired = result.outcome() == Outcome.FAILED && expired(record);
      parts.observer().called(expired ? EXPIRED : Labels.of(result.outcome()));
      if (result.outcome() == Outcome.FAILED && !expired) {
        repeat(consumer, record, result);
        return;
      }
      retries.remove(partition(record));
      reportFailing();
      if (result.outcome() == Outcome.DELIVERED) {
        status = retries.isEmpty() ? new RecordLoop.Status(true, "delivers") : status;
      } else {
        notDelivered(record, expired ? result.reason() + "; given up" : result.reason());
      }
      commit(consumer, record);
    }
  }

  private WebhookCaller.Result call(ConsumerRecord<byte[], byte[]> record)
      throws InterruptedException {
    Optional<String> id = id(record.value());
    return id.isEmpty()
        ? WebhookCaller.Result.of(Outcome.REFUSED, "the record is not an event")
        : caller.call(id.get(), record.value());
  }

  /** Of a CloudEvent, where it has one that can be a header. */
  private record Identified(@Nullable String id) {}

  private static Optional<String> id(byte @Nullable [] value) {
    try {
      return Optional.ofNullable(value)
          .map(json -> Json.read(json, Identified.class).id)
          .filter(id -> id.matches("[\\x21-\\x7e]+"));
    } catch (SerializationException e) {
      log.debug("not JSON", e);
      return Optional.empty();
    }
  }

  private boolean expired(ConsumerRecord<byte[], byte[]> record) {
    return parts.clock().millis() - record.timestamp() > parts.config().giveUpAfter().toMillis();
  }

  /** Goes back to the record, whose partition waits. */
  private void repeat(
      KafkaConsumer<byte[], byte[]> consumer,
      ConsumerRecord<byte[], byte[]> record,
      WebhookCaller.Result result) {
    TopicPartition partition = partition(record);
    consumer.seek(partition, record.offset());
    consumer.pause(List.of(partition));
    Retry before =
        retries.getOrDefault(partition, new Retry(0, parts.clock().millis(), System.nanoTime()));
    Duration wait = result.after().orElseGet(() -> delay(parts.config(), before.failures));
    Duration most = parts.config().maxRetryDelay();
    wait = wait.compareTo(most) < 0 ? wait : most;
    long until = System.nanoTime() + wait.toNanos();
    retries.put(partition, new Retry(before.failures + 1, before.sinceMillis, until));
    if (result.after().isPresent()) { // the receiver wants to be left alone
      consumer.pause(consumer.assignment());
      restUntilNanos = until;
    }
    reportFailing();
    trouble("%s; next try in %d ms".formatted(result.reason(), wait.toMillis()), null);
  }

  /** Since when the event that has waited longest has. */
  private void reportFailing() {
    parts
        .observer()
        .failingSince(retries.values().stream().mapToLong(Retry::sinceMillis).min().orElse(0));
  }

  private static TopicPartition partition(ConsumerRecord<byte[], byte[]> record) {
    return new TopicPartition(record.topic(), record.partition());
  }

  /** Wait after a number of failures in a row. */
  static Duration delay(WebhookConfig config, int failuresBefore) {
    Duration wait = config.retryDelay().multipliedBy(1L << Math.min(failuresBefore, 20));
    return wait.compareTo(config.maxRetryDelay()) < 0 ? wait : config.maxRetryDelay();
  }

  private void trouble(String sentence, @Nullable Throwable cause) {
    status = new RecordLoop.Status(false, sentence);
    log.warn("{}", sentence, cause);
  }

  /** The record stays in the topic until it expires there. */
  private void notDelivered(ConsumerRecord<byte[], byte[]> record, String reason) {
    String sentence =
        "%s-%d offset %d was not delivered: %s"
            .formatted(record.topic(), record.partition(), record.offset(), reason);
    status = new RecordLoop.Status(false, sentence);
    log.error("{}", sentence);
  }

  private static void commit(
      KafkaConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record) {
    consumer.commitSync(Map.of(partition(record), new OffsetAndMetadata(record.offset() + 1)));
  }

  /** Where the group begins: the first time at the end, in a partition that is new at its start. */
  private final class Begin implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> consumer;

    Begin(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      Set<TopicPartition> all =
          consumer.partitionsFor(parts.topic()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .collect(Collectors.toSet());
      all.addAll(partitions);
      Map<TopicPartition, @Nullable OffsetAndMetadata> known = consumer.committed(all);
      Set<TopicPartition> fresh = new HashSet<>(partitions);
      fresh.removeIf(partition -> known.get(partition) != null);
      joined |= fresh.isEmpty();
      if (fresh.isEmpty()) {
        return;
      }
      if (known.values().stream().allMatch(Objects::isNull)) {
        consumer.seekToEnd(fresh);
      } else {
        consumer.seekToBeginning(fresh);
      }
      consumer.commitSync(
          fresh.stream()
              .collect(
                  Collectors.toMap(
                      partition -> partition,
                      partition -> new OffsetAndMetadata(consumer.position(partition)))));
      joined = true;
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      retries.keySet().removeAll(partitions); // what waits may be another process's now
      reportFailing();
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(STOP_TIMEOUT.toMillis());
      thread.interrupt(); // a call may last
      thread.join(STOP_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
