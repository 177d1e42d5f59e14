package io.maskstream.app.serve;

import io.maskstream.app.option.TimeOption;
import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.frame.FrameId;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.ExpiredRange;
import io.maskstream.topic.FrameAudit;
import io.maskstream.topic.FrameAudit.CameraResult;
import io.maskstream.topic.FrameAudit.Outcome;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.TopicExtent;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks from the topics that every frame has exactly one outcome. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description =
        "Reads the topics of a deployment and checks that every frame that was read has "
            + "exactly one outcome: segmented, dropped or dead letter. Exits with 1 where a frame "
            + "has several, or where more frames have none than retention took away before a "
            + "worker read them.")
public final class AuditCommand implements Callable<Integer> {
  /** Frames younger than this may still be on their way. */
  private static final Duration ON_THEIR_WAY = Duration.ofSeconds(10);

  @Parameters(paramLabel = "TOPOLOGY.yaml", description = "The deployment's topology file.")
  private Path file;

  @Option(
      names = "--from",
      description =
          "Frames captured from this time on: 2026-11-24T20:00:00Z, or how long ago, such as 10m. "
              + "By default all that the topics of outcomes still hold.")
  private @Nullable String from;

  @Option(
      names = "--to",
      description = "Frames captured until this time. By default until ten seconds ago.")
  private @Nullable String to;

  @Option(names = "--json", description = "Prints the result as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, ConfigException, InterruptedException {
    DeploymentConfig config = YamlReader.read(file, DeploymentConfig.class, System.getenv());
    Instant now = Instant.now();
    Instant first = from == null ? Instant.EPOCH : TimeOption.read("--from", from, now);
    Instant last = to == null ? now.minus(ON_THEIR_WAY) : TimeOption.read("--to", to, now);
    KafkaConnection kafka = TopicsCommand.external(file, config);
    Optional<Instant> whole = whole(kafka, config.topics().names(), first);
    whole.ifPresent(
        time -> System.err.println("retention took outcomes of before " + time + ": from then on"));
    FrameAudit audit = new FrameAudit(whole.orElse(first), last);
    read(audit, kafka, config.topics().names());
    Map<String, CameraResult> results = audit.results();
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("cameras", results);
      all.put("expired", audit.expired());
      System.out.println(new String(Json.write(all), StandardCharsets.UTF_8));
    } else {
      print(results, audit.expired());
    }
    boolean single = results.values().stream().allMatch(result -> result.several() == 0);
    return single && audit.unexplained() == 0 ? 0 : 1;
  }

  /** From when on the topics have all outcomes, where that is later than wanted. */
  private static Optional<Instant> whole(KafkaConnection kafka, TopicNames topics, Instant from) {
    return Stream.of(topics.segmentedFrames(), topics.drops(), topics.deadLetters())
        .map(topic -> lostBefore(kafka, topic, from))
        .flatMap(Optional::stream)
        .max(Instant::compareTo);
  }

  private static Optional<Instant> lostBefore(KafkaConnection kafka, String topic, Instant from) {
    try (KafkaConsumer<byte[], byte[]> consumer = TopicReader.atBeginning(kafka, topic)) {
      return TopicExtent.of(consumer).lostBefore(from).map(time -> time.plus(ON_THEIR_WAY));
    }
  }

  /** Takes all records of a deployment to an audit. */
  static void read(FrameAudit audit, KafkaConnection kafka, TopicNames topics) {
    forEach(kafka, topics.frames(), record -> audit.published(frame(record)));
    forEach(
        kafka, topics.segmentedFrames(), record -> audit.outcome(mask(record), Outcome.SEGMENTED));
    forEach(kafka, topics.drops(), record -> drop(record, audit));
    forEach(
        kafka, topics.deadLetters(), record -> audit.outcome(frame(record), Outcome.DEAD_LETTER));
  }

  /** Records that are not ours are left out: they are no frames of a camera. */
  private static void forEach(
      KafkaConnection kafka, String topic, Consumer<ConsumerRecord<byte[], byte[]>> action) {
    try (KafkaConsumer<byte[], byte[]> consumer = TopicReader.atBeginning(kafka, topic)) {
      TopicReader.forEach(
          consumer,
          consumer.endOffsets(consumer.assignment()),
          record -> {
            try {
              action.accept(record);
            } catch (IllegalArgumentException | SerializationException e) {
              System.err.printf(
                  "%s-%d offset %d is no frame's record: %s%n",
                  topic, record.partition(), record.offset(), e.getMessage());
            }
          });
    }
  }

  private static FrameId frame(ConsumerRecord<byte[], byte[]> record) {
    return FrameMetadata.of(record).id();
  }

  private static FrameId mask(ConsumerRecord<byte[], byte[]> record) {
    return SegmentedFrames.id(SegmentedFrames.parse(record.value()));
  }

  private static void drop(ConsumerRecord<byte[], byte[]> record, FrameAudit audit) {
    if (record.key() == null) {
      audit.expired(
          Json.read(record.value(), ExpiredRange.class),
          TimeUnit.MILLISECONDS.toMicros(record.timestamp()));
    } else {
      audit.dropped(Json.read(record.value(), DropRecord.class));
    }
  }

  private static void print(Map<String, CameraResult> results, long expired) {
    System.out.printf(
        "%-20s %9s %9s %9s %9s %7s %7s%n",
        "camera", "read", "segmented", "dropped", "dead", "none", "several");
    results.forEach(
        (camera, result) -> {
          System.out.printf(
              "%-20s %9d %9d %9d %9d %7d %7d%n",
              camera,
              result.read(),
              result.segmented(),
              result.drops().values().stream().mapToLong(Long::longValue).sum(),
              result.deadLetters(),
              result.none(),
              result.several());
          if (!result.drops().isEmpty()) {
            System.out.println("  drops: " + result.drops());
          }
          result.examples().forEach(example -> System.out.println("  frame " + example));
        });
    if (expired > 0) {
      System.out.printf(
          "retention took %d frames away before a worker read them; they count as none above%n",
          expired);
    }
  }
}
