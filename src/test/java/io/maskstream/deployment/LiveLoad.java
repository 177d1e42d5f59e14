package io.maskstream.deployment;

import io.maskstream.frame.FrameId;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.TopicAdmin;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.TopicSettings;
import io.maskstream.topic.v1.SegmentedFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker, cameras that send small pictures at a steady rate, and the account of their frames. */
final class LiveLoad implements AutoCloseable {
  static final int WIDTH = 96;
  static final int HEIGHT = 64;
  private static final byte[] PICTURE =
      PictureCodec.encode(
          new SyntheticStreet(5, WIDTH, HEIGHT).at(Duration.ZERO).picture(), ContentType.JPEG, 90);

  private final Optional<EmbeddedBroker> broker;
  private final TopicSettings topics;
  private final KafkaConnection kafka;
  private final KafkaProducer<byte[], byte[]> producer;
  private final int cameras;
  private final long epoch = System.currentTimeMillis();

  /** Load on a broker in this process. */
  LiveLoad(String prefix, int partitions, int cameras) throws Exception {
    this(Optional.of(EmbeddedBroker.start(Optional.empty(), 0)), "", prefix, partitions, cameras);
  }

  /** Load on a broker that is already there. */
  LiveLoad(String bootstrap, String prefix, int partitions, int cameras) throws Exception {
    this(Optional.empty(), bootstrap, prefix, partitions, cameras);
  }

  private LiveLoad(
      Optional<EmbeddedBroker> broker, String bootstrap, String prefix, int partitions, int cameras)
      throws Exception {
    this.broker = broker;
    this.topics = topics(prefix, partitions);
    this.kafka = KafkaConnection.plain(broker.map(EmbeddedBroker::bootstrap).orElse(bootstrap));
    this.cameras = cameras;
    try (Admin admin = Admin.create(kafka.common())) {
      new TopicAdmin(admin).create(topics);
    }
    producer =
        new KafkaProducer<>(
            kafka.producer(8_000_000), new ByteArraySerializer(), new ByteArraySerializer());
  }

  static TopicSettings topics(String prefix, int partitions) {
    // The account at the end needs every frame.
    return TopicSettings.defaults(prefix)
        .withPartitions(partitions)
        .withFramesRetention(Duration.ofHours(1));
  }

  TopicSettings topics() {
    return topics;
  }

  String bootstrap() {
    return kafka.bootstrap();
  }

  KafkaConnection kafka() {
    return kafka;
  }

  /** Publishes the next frames of every camera for a time. */
  Thread publish(double fps, Duration time) {
    Thread thread =
        new Thread(
            () -> {
              long start = System.nanoTime();
              long frames = (long) (fps * time.toMillis() / 1_000);
              for (long frame = 0; frame < frames; frame++) {
                for (int camera = 0; camera < cameras; camera++) {
                  // Cameras are not in step.
                  double due = (frame + (double) camera / cameras) / fps;
                  LockSupport.parkNanos(start + (long) (due * 1e9) - System.nanoTime());
                  send("c" + camera, camera % topics.partitions(), frame, PICTURE);
                }
              }
              producer.flush();
            },
            "cameras");
    thread.start();
    return thread;
  }

  private void send(String camera, int partition, long sequence, byte[] value) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topics.names().frames(), partition, camera.getBytes(StandardCharsets.UTF_8), value);
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    new FrameMetadata(new FrameId(camera, epoch, sequence, micros), WIDTH, HEIGHT, ContentType.JPEG)
        .writeTo(record.headers());
    var unused = producer.send(record);
  }

  /**
   * What the topics say of the frames.
   *
   * @param outcomes of each frame, by camera and sequence
   * @param segmented frames by camera
   * @param passes those of them with a forward pass of their own
   * @param reasons of drops, with their number
   * @param latencies from capture to the making of the result, milliseconds, ascending
   * @param propagated age of each mask without a forward pass, microseconds
   */
  record Account(
      Map<String, List<String>> outcomes,
      Map<String, Integer> segmented,
      Map<String, Integer> passes,
      Map<String, Integer> reasons,
      List<Double> latencies,
      List<Long> propagated) {

    /** Frames whose outcomes are not one. */
    List<String> wrong() {
      return outcomes.entrySet().stream()
          .filter(entry -> entry.getValue().size() != 1)
          .map(entry -> entry.getKey() + " " + entry.getValue())
          .toList();
    }

    boolean complete() {
      return outcomes.values().stream().noneMatch(List::isEmpty);
    }

    /** Segmented frames of the least served camera over those of the most served. */
    double fairness() {
      return leastOverMost(segmented);
    }

    /** The same of their forward passes: a propagated mask is no turn in the line. */
    double fairnessOfPasses() {
      return leastOverMost(passes);
    }

    private static double leastOverMost(Map<String, Integer> counts) {
      int min = counts.values().stream().mapToInt(Integer::intValue).min().orElse(0);
      int max = counts.values().stream().mapToInt(Integer::intValue).max().orElse(1);
      return (double) min / max;
    }

    double latencyMillis(double percentile) {
      int at = (int) Math.ceil(percentile / 100 * latencies.size()) - 1;
      return latencies.get(Math.max(0, at));
    }

    @Override
    public String toString() {
      return ("frames %d, segmented %s, %d of them propagated, drops %s, latency p50 %.0f ms"
              + " p99 %.0f ms, least/most %.2f")
          .formatted(
              outcomes.size(),
              segmented,
              propagated.size(),
              reasons,
              latencies.isEmpty() ? 0 : latencyMillis(50),
              latencies.isEmpty() ? 0 : latencyMillis(99),
              fairness());
    }
  }

  Account account() throws Exception {
    TopicNames names = topics.names();
    // Outcomes before frames: while cameras run, each outcome is of a frame that is already there.
    var masks = TopicReader.readAll(kafka, names.segmentedFrames());
    var drops = TopicReader.readAll(kafka, names.drops());
    var dead = TopicReader.readAll(kafka, names.deadLetters());
    Map<String, List<String>> outcomes = new LinkedHashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : TopicReader.readAll(kafka, names.frames())) {
      outcomes.put(key(record), new ArrayList<>());
    }
    Map<String, Integer> segmented = new TreeMap<>();
    Map<String, Integer> reasons = new TreeMap<>();
    List<Double> latencies = new ArrayList<>();
    List<Long> propagated = new ArrayList<>();
    Map<String, Integer> passes = new TreeMap<>();
    for (int camera = 0; camera < cameras; camera++) {
      segmented.put("c" + camera, 0);
      passes.put("c" + camera, 0);
    }
    for (var record : masks) {
      SegmentedFrame frame = SegmentedFrame.parseFrom(record.value());
      outcomes.get(frame.getCamera() + "/" + frame.getSequence()).add("segmented");
      segmented.merge(frame.getCamera(), 1, Integer::sum);
      latencies.add(frame.getTimings().getTotalMicros() / 1e3);
      if (frame.getReuse().getPropagatedMicros() > 0) {
        propagated.add(frame.getReuse().getPropagatedMicros());
      } else {
        passes.merge(frame.getCamera(), 1, Integer::sum);
      }
    }
    for (var record : drops) {
      DropRecord drop = Json.read(record.value(), DropRecord.class);
      outcomes
          .get(drop.frame().camera() + "/" + drop.frame().sequence())
          .add(drop.reason().toString());
      reasons.merge(drop.reason().toString(), 1, Integer::sum);
    }
    for (var record : dead) {
      outcomes.get(key(record)).add("dead letter");
    }
    latencies.sort(null);
    return new Account(outcomes, segmented, passes, reasons, latencies, propagated);
  }

  private static String key(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.key(), StandardCharsets.UTF_8) + "/" + text(record.headers(), "seq");
  }

  private static String text(Headers headers, String name) {
    return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close();
    broker.ifPresent(EmbeddedBroker::close);
  }
}
