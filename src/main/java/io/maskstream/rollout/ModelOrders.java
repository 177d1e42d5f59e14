package io.maskstream.rollout;

import io.maskstream.frame.Micros;
import io.maskstream.inference.ModelBundle;
import io.maskstream.topic.AdminSession;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.KafkaReach;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * Orders to change the models of a deployment, and what its workers report of them, as whoever is
 * no worker gives and reads them: the topics {@code model-orders} and {@code model-reports}.
 */
public final class ModelOrders {
  private static final String NAME = "model-orders-reader";
  private static final String REASON = "asked for by an operator";
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int FETCH_BYTES = 1_000_000;

  private final KafkaConnection kafka;
  private final TopicNames topics;
  private final String group;
  private final InstantSource clock;

  /**
   * Orders of a deployment.
   *
   * @param group of its workers in Kafka
   */
  public ModelOrders(KafkaConnection kafka, TopicNames topics, String group, InstantSource clock) {
    this.kafka = kafka;
    this.topics = topics;
    this.group = group;
    this.clock = clock;
  }

  /**
   * The place of a model.
   *
   * @param name id of the model that the configuration names
   * @param configured folder that it names
   */
  public record Slot(String name, String configured) {

    /** The slot of a model that the configuration names. */
    public static Slot of(ModelBundle bundle) {
      return new Slot(bundle.card().id(), bundle.folder().toString());
    }

    private boolean isOf(RolloutCommand order) {
      return order.slot().equals(name) && order.configured().equals(configured);
    }
  }

  /**
   * A worker's report.
   *
   * @param millis when it came, milliseconds since 1970
   */
  public record Reported(long millis, RolloutReport report) {}

  /** What the topics say, the oldest first. */
  public record Ledger(List<RolloutCommand> orders, List<Reported> reports) {
    public Ledger {
      orders = List.copyOf(orders);
      reports = List.copyOf(reports);
    }

    /** The order that counts; one for another configured model does not. */
    public Optional<RolloutCommand> last(Slot slot) {
      return orders.stream().filter(slot::isOf).reduce((first, second) -> second);
    }

    /** Reports of a slot's workers, the oldest first. */
    public List<Reported> reports(Slot slot) {
      return reports.stream().filter(each -> each.report().slot().equals(slot.name())).toList();
    }

    /** Workers that have reported on an order. */
    public int answered(RolloutCommand order) {
      return (int)
          reports.stream()
              .map(Reported::report)
              .filter(report -> report.answers(order))
              .map(RolloutReport::worker)
              .distinct()
              .count();
    }
  }

  /** Reads both topics to their ends; records that are not ours are skipped. */
  public Ledger read() {
    List<RolloutCommand> orders = new ArrayList<>();
    List<Reported> reports = new ArrayList<>();
    Consumer<ConsumerRecord<byte[], byte[]>> handler =
        record -> {
          if (record.topic().equals(topics.modelReports())) {
            reports.add(new Reported(record.timestamp(), report(record)));
          } else {
            orders.add(Json.read(record.value(), RolloutCommand.class));
          }
        };
    try (RecordLoop loop = loop(Set.of(topics.modelOrders(), topics.modelReports()), handler)) {
      loop.catchUp();
    }
    return new Ledger(orders, reports);
  }

  private static RolloutReport report(ConsumerRecord<byte[], byte[]> record) {
    return Json.read(record.value(), RolloutReport.class);
  }

  private RecordLoop loop(Set<String> whole, Consumer<ConsumerRecord<byte[], byte[]>> handler) {
    return new RecordLoop(
        new RecordLoop.Subject(NAME, whole, Set.of()),
        kafka.consumer(FETCH_BYTES),
        record -> {
          if (record.value() != null) {
            handler.accept(record);
          }
        },
        RecordLoop.Observer.none());
  }

  /**
   * Orders another model.
   *
   * @param folder of its bundle, as the workers see it
   * @return the order as it was given
   */
  public RolloutCommand swap(Slot slot, Path folder, ShadowRule rule) throws IOException {
    long now = Micros.now(clock);
    String serving = read().last(slot).map(last -> last.serving(now)).orElse(slot.configured());
    return give(
        new RolloutCommand(
            slot.name(),
            slot.configured(),
            folder.toString(),
            serving,
            rule.time().toMillis(),
            rule.agreement(),
            now,
            false,
            REASON));
  }

  /**
   * Orders the model before the last change.
   *
   * @return the order as it was given
   * @throws IllegalArgumentException where there was no change, or it was undone
   */
  public RolloutCommand rollback(Slot slot) throws IOException {
    RolloutCommand last =
        read()
            .last(slot)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the model of " + slot.name() + " was never changed"));
    if (last.undoing()) {
      throw new IllegalArgumentException(
          "the last change of %s was undone already (%s): %s serves"
              .formatted(slot.name(), last.reason(), last.folder()));
    }
    return give(last.undone(Micros.now(clock), REASON));
  }

  private RolloutCommand give(RolloutCommand order) throws IOException {
    TopicWriter.write(
        kafka,
        kafka.common(),
        List.of(
            new ProducerRecord<>(
                topics.modelOrders(),
                order.slot().getBytes(StandardCharsets.UTF_8),
                Json.write(order))));
    return order;
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted while waiting for Kafka", e);
  }

  /** Worker processes; a stream thread is a member whose client id begins with its process's. */
  public int workers() throws IOException {
    try (AdminSession session = AdminSession.open(kafka)) {
      return (int)
          session
              .admin()
              .describeConsumerGroups(List.of(group))
              .all()
              .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
              .values()
              .stream()
              .flatMap(description -> description.members().stream())
              .map(member -> member.clientId().replaceAll("-StreamThread-.*", ""))
              .distinct()
              .count();
    } catch (ExecutionException | TimeoutException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return 0; // no worker has ever started
      }
      throw KafkaReach.failure(kafka, TIMEOUT, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Waits for the workers' reports on an order until its trial has been over for a minute.
   *
   * @param workers that have to report
   * @param listener gets the first report of each
   * @return workers that have reported
   */
  public int await(RolloutCommand order, int workers, Consumer<RolloutReport> listener)
      throws InterruptedException {
    long end = System.nanoTime() + Duration.ofMillis(order.shadowMillis()).plus(TIMEOUT).toNanos();
    Set<String> heard = new HashSet<>();
    BlockingQueue<RolloutReport> reports = new LinkedBlockingQueue<>();
    try (RecordLoop loop =
        loop(Set.of(topics.modelReports()), record -> reports.add(report(record)))) {
      loop.start();
      while (heard.size() < workers && System.nanoTime() < end) {
        RolloutReport report = reports.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (report != null && report.answers(order) && heard.add(report.worker())) {
          listener.accept(report);
        }
      }
    }
    return heard.size();
  }
}
