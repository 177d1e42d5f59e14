package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.inference.TestBundles;
import io.maskstream.stream.SegmentConfig.Guarantee;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.v1.SegmentedFrame;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile records on the partition of a good camera: the worker lives, every record has exactly one
 * outcome, and the good camera is served. {@code -Dmaskstream.hostileRecords=10000} for more.
 */
class HostileFramesIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(4);
  private static final int RECORDS = Integer.getInteger("maskstream.hostileRecords", 800);
  private static final int MAX_RECORD_BYTES = 8_000_000;
  private static final String GOOD = "good";
  private static final int GOOD_EVERY = 20;

  @TempDir private Path folder;

  @Test
  void hostileRecords_stopNothing_andEachHasOneOutcome() throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    try (LiveLoad load = new LiveLoad("hostile", 1, 1);
        SleepingWorker worker =
            new SleepingWorker(
                load.kafka(), load.topics(), Guarantee.EXACTLY_ONCE, Duration.ZERO, bundle)) {
      acceptTheTimesOfProducers(load);
      await().atMost(TIMEOUT).until(worker::running);
      int sent = warmUp(load) + send(load, worker);
      await()
          .atMost(TIMEOUT)
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> outcomes(load).values().stream().mapToInt(Integer::intValue).sum() >= sent);
      Map<String, Integer> outcomes = outcomes(load);
      System.out.printf("%d hostile records: %s%n", sent, outcomes);
      assertThat(outcomes.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(sent);
      assertThat(worker.healthy()).isTrue();
      assertThat(worker.metrics()).contains("maskstream_punctuation_failures_total 0.0");
      checkGoodCamera(load);
      checkDeadLetters(load);
    }
  }

  private static void acceptTheTimesOfProducers(LiveLoad load) throws Exception {
    try (Admin admin = Admin.create(load.kafka().common())) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, load.topics().names().frames()),
                  Set.of(
                      new AlterConfigOp(
                          new ConfigEntry("message.timestamp.type", "CreateTime"),
                          AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  /** A new process and a new model take their time; the good camera is judged after that. */
  private static int warmUp(LiveLoad load) {
    HostileRecords records = new HostileRecords(load.topics().names().frames(), new Random(1));
    AtomicInteger sent = new AtomicInteger();
    try (KafkaProducer<byte[], byte[]> producer = producer(load)) {
      await()
          .atMost(TIMEOUT)
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                var unused = producer.send(records.good("warm", sent.getAndIncrement()));
                return outcomes(load).getOrDefault("segmented", 0) > 10;
              });
    }
    return sent.get();
  }

  private static KafkaProducer<byte[], byte[]> producer(LiveLoad load) {
    return new KafkaProducer<>(
        load.kafka().producer(MAX_RECORD_BYTES),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static int send(LiveLoad load, SleepingWorker worker) {
    HostileRecords hostile = new HostileRecords(load.topics().names().frames(), new Random(11));
    int sent = 1;
    try (KafkaProducer<byte[], byte[]> producer = producer(load)) {
      var largest = producer.send(hostile.largest(MAX_RECORD_BYTES));
      await().atMost(TIMEOUT).until(largest::isDone);
      assertThat(largest).succeedsWithin(TIMEOUT);
      for (int i = 0; i < RECORDS; i++) {
        var unused =
            i % GOOD_EVERY == 0
                ? producer.send(hostile.good(GOOD, i / GOOD_EVERY))
                : producer.send(hostile.next());
        sent++;
        if (i % GOOD_EVERY == 0) {
          producer.flush();
          long good = i / GOOD_EVERY + 1L;
          await().atMost(TIMEOUT).until(() -> worker.outcomes(GOOD) >= good); // its only frame
        }
      }
    }
    return sent;
  }

  private static Map<String, Integer> outcomes(LiveLoad load) {
    TopicNames names = load.topics().names();
    Map<String, Integer> result = new TreeMap<>();
    result.put("segmented", TopicReader.readAll(load.kafka(), names.segmentedFrames()).size());
    result.put("dead letters", TopicReader.readAll(load.kafka(), names.deadLetters()).size());
    for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(load.kafka(), names.drops())) {
      result.merge(
          Json.read(record.value(), DropRecord.class).reason().toString(), 1, Integer::sum);
    }
    return result;
  }

  private static void checkGoodCamera(LiveLoad load) throws Exception {
    Set<Long> segmented = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record :
        TopicReader.readAll(load.kafka(), load.topics().names().segmentedFrames())) {
      SegmentedFrame frame = SegmentedFrame.parseFrom(record.value());
      if (frame.getCamera().equals(GOOD)) {
        assertThat(segmented.add(frame.getSequence())).isTrue();
      }
    }
    assertThat(segmented.size()).isGreaterThan(RECORDS / GOOD_EVERY / 2);
  }

  private static void checkDeadLetters(LiveLoad load) {
    Set<String> offsets = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record :
        TopicReader.readAll(load.kafka(), load.topics().names().deadLetters())) {
      assertThat(record.headers().lastHeader("failure")).isNotNull();
      String offset =
          new String(record.headers().lastHeader("failure-offset").value(), StandardCharsets.UTF_8);
      assertThat(offsets.add(offset)).as(offset).isTrue();
    }
    assertThat(offsets).isNotEmpty();
  }
}
