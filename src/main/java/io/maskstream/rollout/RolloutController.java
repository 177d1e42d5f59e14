package io.maskstream.rollout;

import io.maskstream.frame.Micros;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.ServedModel;
import io.maskstream.rollout.ShadowReport.Outcome;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the orders to change models: every worker reads all of {@code model-orders}, loads what
 * is ordered beside what serves, and reports. A worker that rolls back or cannot load undoes the
 * order for all, so that a fleet never stays split.
 */
public final class RolloutController implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RolloutController.class);
  private static final String NAME = "model-orders";
  private static final int FETCH_BYTES = 1_000_000;
  private static final Duration CLOSE = Duration.ofSeconds(2);

  private final KafkaConnection kafka;
  private final TopicNames topics;
  private final String worker;
  private final InstantSource clock;
  private final RecordLoop loop;
  private final Map<String, RolloutCommand> latest = new ConcurrentHashMap<>();
  private final Map<String, Place> places = new ConcurrentHashMap<>();

  /** A producer waits for a broker that is away; frames must not wait with it. */
  private final ExecutorService sender =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "model-reports");
            thread.setDaemon(true);
            return thread;
          });

  private volatile @Nullable Producer<byte[], byte[]> producer;
  private volatile @Nullable Loader following;

  /** Loads a model. */
  public interface Loader {
    ServedModel load(Path folder) throws ModelException;
  }

  /**
   * A slot as it starts.
   *
   * @param configured folder that the configuration names
   * @param folder of the model to start with
   * @param pending order whose trial is not over
   */
  public record Start(String configured, String folder, Optional<RolloutCommand> pending) {}

  private static final class Place {
    final ModelSlot slot;
    final String configured;
    volatile String serving;

    Place(ModelSlot slot, String configured, String serving) {
      this.slot = slot;
      this.configured = configured;
      this.serving = serving;
    }
  }

  /**
   * Reads the orders given so far.
   *
   * @param worker this process, for the reports
   * @param observer counts orders that are none
   */
  public RolloutController(
      KafkaConnection kafka,
      TopicNames topics,
      String worker,
      InstantSource clock,
      RecordLoop.Observer observer) {
    this.kafka = kafka;
    this.topics = topics;
    this.worker = worker;
    this.clock = clock;
    Map<String, Object> settings = kafka.consumer(FETCH_BYTES);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    RecordLoop.Subject orders =
        new RecordLoop.Subject(NAME, Set.of(topics.modelOrders()), Set.of());
    this.loop = new RecordLoop(orders, settings, this::take, observer);
    loop.catchUp();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return; // an order that was deleted
    }
    RolloutCommand order = Json.read(record.value(), RolloutCommand.class);
    latest.put(order.slot(), order);
    Loader loader = following;
    if (loader != null) {
      obey(order, loader);
    }
  }

  /** What a slot begins with, by the orders given so far. */
  public Start start(String slot, String configured) {
    RolloutCommand order = latest.get(slot);
    if (order == null) {
      return new Start(configured, configured, Optional.empty());
    }
    if (!order.configured().equals(configured)) {
      log.info(
          "{}: the order to use {} is void, the configuration names {} now instead of {}",
          slot,
          order.folder(),
          configured,
          order.configured());
      return new Start(configured, configured, Optional.empty());
    }
    long now = Micros.now(clock);
    return new Start(
        configured, order.serving(now), order.onTrial(now) ? Optional.of(order) : Optional.empty());
  }

  /** Follows new orders until closed. */
  public void follow(Map<ModelSlot, Start> slots, Loader loader) {
    slots.forEach(
        (slot, start) ->
            places.put(slot.name(), new Place(slot, start.configured(), start.folder())));
    producer = ByteClients.producer(kafka.common());
    following = loader;
    loop.start(
        () ->
            slots
                .values()
                .forEach(start -> start.pending().ifPresent(order -> obey(order, loader))));
  }

  /** Whether orders are read. */
  public RecordLoop.Status status() {
    return loop.status();
  }

  private void obey(RolloutCommand order, Loader loader) {
    Place place = places.get(order.slot());
    if (place == null || !place.configured.equals(order.configured())) {
      log.warn(
          "{}: an order for {} in place of {} has no effect, this worker has {}",
          order.slot(),
          order.folder(),
          order.configured(),
          place == null ? "no such model" : place.configured);
      return;
    }
    log.info("{}: {} is ordered: {}", order.slot(), order.folder(), order.reason());
    String serving = place.slot.active().card().name();
    if (order.folder().equals(place.serving)) {
      place.slot.withdraw("the order was undone: " + order.reason());
      tell(
          order,
          place,
          ShadowReport.untried(serving, serving, Outcome.TAKEN_OVER, "it serves already"));
      return;
    }
    try {
      long left =
          Math.max(0, order.decidedMicros() - Micros.now(clock)); // loading may take minutes
      ServedModel next = loader.load(Path.of(order.folder()));
      Duration time =
          order.shadowMillis() == 0 ? Duration.ZERO : Duration.ofNanos(1 + left * 1_000);
      place.slot.tryOut(
          next, new ShadowRule(time, order.agreement()), report -> tell(order, place, report));
    } catch (ModelException | RuntimeException e) {
      reject(order, place, String.valueOf(e.getMessage()));
    } catch (LinkageError | OutOfMemoryError e) { // what serves goes on
      log.error("{}: {} cannot be loaded", order.slot(), order.folder(), e);
      reject(order, place, e.toString());
    }
  }

  private void reject(RolloutCommand order, Place place, String reason) {
    String serving = place.slot.active().card().name();
    tell(order, place, ShadowReport.untried(serving, order.folder(), Outcome.REJECTED, reason));
  }

  private void tell(RolloutCommand order, Place place, ShadowReport report) {
    if (report.outcome() == Outcome.TAKEN_OVER) {
      place.serving = order.folder();
    }
    boolean compared = report.frames() > 0;
    RolloutReport record =
        new RolloutReport(
            order.slot(),
            order.givenMicros(),
            worker,
            report.from(),
            report.to(),
            report.outcome().label(),
            report.reason(),
            report.frames(),
            compared ? report.agreement() : null,
            report.classAgreement(),
            compared ? report.timeRatio() : null);
    send(topics.modelReports(), order.slot(), record);
    RolloutCommand last = latest.get(order.slot());
    boolean superseded = last != null && last.givenMicros() > order.givenMicros();
    if (report.outcome() != Outcome.TAKEN_OVER && !order.undoing() && !superseded) {
      send(
          topics.modelOrders(),
          order.slot(),
          order.undone(Micros.now(clock), worker + ": " + report.reason()));
    }
  }

  private void send(String topic, String slot, Object value) {
    Producer<byte[], byte[]> to = producer;
    if (to == null || sender.isShutdown()) {
      return;
    }
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, slot.getBytes(StandardCharsets.UTF_8), Json.write(value));
    sender.execute(() -> send(to, record));
  }

  private static void send(
      Producer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
    try {
      var unused =
          producer.send(
              record,
              (metadata, failure) -> {
                if (failure != null) {
                  log.error("{}: {} could not be sent", record.topic(), text(record), failure);
                }
              });
    } catch (KafkaException e) {
      log.error("{}: {} could not be sent", record.topic(), text(record), e);
    }
  }

  private static String text(ProducerRecord<byte[], byte[]> record) {
    return new String(record.value(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    loop.close();
    sender.shutdown();
    Producer<byte[], byte[]> to = producer;
    if (to != null) {
      try {
        var unused = sender.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      to.close(CLOSE);
    }
  }
}
