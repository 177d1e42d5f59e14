package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.DropRecord.Reason;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.HeldPictures;
import io.maskstream.topic.Json;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FramePublisherTest {
  private static final TopicNames TOPICS = new TopicNames("test");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final MockProducer<byte[], byte[]> frames = producer(false);
  private final MockProducer<byte[], byte[]> dropped = producer(true);
  private final Metrics metrics = new Metrics();
  private final DropLedger drops = new DropLedger(dropped, TOPICS, metrics);
  private final FramePublisher publisher = publisher(Optional.empty());

  private FramePublisher publisher(Optional<HeldPictures> held) {
    return new FramePublisher(
        new FramePublisher.Parts(
            frames, TOPICS, drops, held, metrics, FrameTraces.none(), Clock.systemUTC()));
  }

  static MockProducer<byte[], byte[]> producer(boolean acknowledging) {
    Node node = new Node(0, "localhost", 1);
    Node[] nodes = {node};
    List<PartitionInfo> partitions =
        List.of(
            new PartitionInfo(TOPICS.frames(), 0, node, nodes, nodes),
            new PartitionInfo(TOPICS.frames(), 1, node, nodes, nodes),
            new PartitionInfo(TOPICS.drops(), 0, node, nodes, nodes));
    return new MockProducer<>(
        new Cluster("test", List.of(node), partitions, java.util.Set.of(), java.util.Set.of()),
        acknowledging,
        new RoundRobinPartitioner(),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /** Answers everything that was sent up to now; returns how much. */
  static int acknowledge(MockProducer<byte[], byte[]> producer) {
    int answered = 0;
    while (producer.completeNext()) {
      answered++;
    }
    return answered;
  }

  @AfterEach
  void stop() {
    CompletableFuture<Void> closed = CompletableFuture.runAsync(publisher::close);
    await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(PATIENCE)
        .until(
            () -> {
              acknowledge(frames); // what it sends while it closes as well
              return closed.isDone();
            });
    drops.close();
  }

  private void accept(String camera, long sequence) {
    Picture picture = Picture.black(16, 16);
    publisher.accept(
        new FrameSink.CapturedFrame(new FrameId(camera, 7, sequence, 0), 0, 32, 32, picture));
  }

  private static FrameMetadata metadata(ProducerRecord<byte[], byte[]> record) {
    return FrameMetadata.of(new String(record.key(), StandardCharsets.UTF_8), record.headers());
  }

  private List<DropRecord> drops() {
    return dropped.history().stream()
        .map(record -> Json.read(record.value(), DropRecord.class))
        .toList();
  }

  private void awaitSent(int number) {
    await().atMost(PATIENCE).until(() -> frames.history().size() >= number);
  }

  @Test
  void accept_acknowledged_isPublishedWithItsFacts() {
    publisher.add(CameraConfig.of("cam", "rtsp://unused"));
    accept("cam", 3);
    awaitSent(1);
    assertThat(frames.completeNext()).isTrue();
    assertThat(metrics.count("maskstream_frames_published_total", "camera", "cam")).isOne();
    assertThat(metadata(frames.history().get(0)))
        .isEqualTo(
            new FrameMetadata(new FrameId("cam", 7, 3, 0), 16, 16, ContentType.JPEG, 32, 32));
    assertThat(drops()).isEmpty();
  }

  /** Sends a frame by a publisher and waits until Kafka has it. */
  private FrameId acceptOne(FramePublisher other) {
    other.add(CameraConfig.of("cam", "rtsp://unused"));
    FrameId id = new FrameId("cam", 7, 3, 0);
    Picture picture = Picture.black(16, 16);
    other.accept(new FrameSink.CapturedFrame(id, 0, 32, 32, picture));
    awaitSent(1);
    return id;
  }

  @Test
  void accept_pictureThatIsHeld_sendsTheIdentityAlone() {
    HeldPictures held = new HeldPictures(1_000_000);
    try (FramePublisher holding = publisher(Optional.of(held))) {
      FrameId id = acceptOne(holding);
      ProducerRecord<byte[], byte[]> record = frames.history().get(0);
      assertThat(record.value()).isEmpty();
      assertThat(metadata(record))
          .isEqualTo(new FrameMetadata(id, 16, 16, ContentType.JPEG, 32, 32, true));
      assertThat(held.take(id))
          .hasValueSatisfying(
              jpeg -> assertThat(PictureCodec.decode(jpeg, ContentType.JPEG, 16, 16)).isNotNull());
      assertThat(frames.completeNext()).isTrue();
    }
  }

  @Test
  void accept_pictureThatIsHeld_isFreedWhenItsFrameIsDropped() {
    HeldPictures held = new HeldPictures(1_000_000);
    try (FramePublisher holding = publisher(Optional.of(held))) {
      acceptOne(holding);
      assertThat(held.bytes()).isPositive();
      assertThat(frames.errorNext(new RecordTooLargeException("too large"))).isTrue();
      await().atMost(PATIENCE).until(() -> drops().size() == 1);
      assertThat(held.bytes()).isZero();
    }
  }

  record Failure(RuntimeException failure, Reason reason) {}

  static List<Failure> failures() {
    return List.of(
        new Failure(new RecordTooLargeException("too large"), Reason.TOO_LARGE),
        new Failure(new TopicAuthorizationException("no right"), Reason.NOT_AUTHORIZED),
        new Failure(new SaslAuthenticationException("no user"), Reason.NOT_AUTHORIZED),
        new Failure(new InvalidTimestampException("clock"), Reason.CLOCK),
        new Failure(new TimeoutException("delivery timeout"), Reason.TIMEOUT),
        new Failure(new UnknownTopicOrPartitionException("gone"), Reason.NO_SUCH_PARTITION),
        new Failure(new NotLeaderOrFollowerException("other"), Reason.BROKER_ERROR));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void accept_refusedByTheBroker_isDroppedWithItsReason(Failure failure) {
    publisher.add(CameraConfig.of("cam", "rtsp://unused"));
    accept("cam", 0);
    awaitSent(1);
    assertThat(frames.errorNext(failure.failure())).isTrue();
    await().atMost(PATIENCE).until(() -> drops().size() == 1);
    assertThat(drops().get(0).reason()).isEqualTo(failure.reason());
    assertThat(
            new String(dropped.history().get(0).value(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("\"" + failure.reason().label() + "\"");
    assertThat(metrics.count("maskstream_frames_dropped_total", "reason", failure.reason().label()))
        .isOne();
  }

  @Test
  void accept_brokerThatHangs_eachFrameHasOneOutcome() {
    publisher.add(CameraConfig.of("cam", "rtsp://unused"));
    int read = 100;
    for (int i = 0; i < FrameSender.IN_FLIGHT_FRAMES; i++) {
      accept("cam", i);
    }
    awaitSent(FrameSender.IN_FLIGHT_FRAMES); // all that the producer gets before it answers
    for (int i = FrameSender.IN_FLIGHT_FRAMES; i < read; i++) {
      accept("cam", i);
    }
    int kept = FrameSender.IN_FLIGHT_FRAMES + FrameSender.QUEUE_FRAMES;
    await().atMost(PATIENCE).until(() -> drops().size() == read - kept);
    assertThat(frames.history()).hasSize(FrameSender.IN_FLIGHT_FRAMES);
    assertThat(drops()).allMatch(drop -> drop.reason() == Reason.QUEUE_FULL);
    await() // the broker answers again
        .atMost(PATIENCE)
        .until(
            () -> {
              acknowledge(frames);
              return metrics.count("maskstream_frames_published_total", "camera", "cam") == kept;
            });
    List<Long> outcomes =
        new ArrayList<>(drops().stream().map(drop -> drop.frame().sequence()).toList());
    frames.history().forEach(record -> outcomes.add(metadata(record).id().sequence()));
    assertThat(outcomes)
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, read).boxed().toList());
    assertThat(outcomes.subList(read - FrameSender.QUEUE_FRAMES, read)) // the newest were kept
        .containsExactlyElementsOf(
            LongStream.range(read - FrameSender.QUEUE_FRAMES, read).boxed().toList());
  }

  @Test
  void accept_producerThatTakesNothing_waitsAndSendsOnce() {
    publisher.add(CameraConfig.of("cam", "rtsp://unused"));
    frames.sendException = new TimeoutException("no metadata");
    accept("cam", 0);
    accept("cam", 1);
    await().during(Duration.ofMillis(300)).until(() -> drops().isEmpty());
    frames.sendException = null;
    awaitSent(2);
    assertThat(frames.history().stream().map(r -> metadata(r).id().sequence()))
        .containsExactly(0L, 1L);
    assertThat(drops()).isEmpty();
  }

  @Test
  void accept_cameraWhosePartitionHangs_disturbsNoOther() {
    publisher.add(CameraConfig.of("stuck", "rtsp://unused"));
    publisher.add(CameraConfig.of("other", "rtsp://unused"));
    for (int i = 0; i < 50; i++) {
      accept("stuck", i);
    }
    awaitSent(FrameSender.IN_FLIGHT_FRAMES);
    accept("other", 0);
    awaitSent(FrameSender.IN_FLIGHT_FRAMES + 1);
    assertThat(frames.history().get(FrameSender.IN_FLIGHT_FRAMES).key())
        .isEqualTo("other".getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void accept_partitionThatDoesNotExist_isDroppedAtOnce() {
    publisher.add(CameraConfig.of("cam", "rtsp://unused").withPartition(Optional.of(2)));
    accept("cam", 0);
    await().atMost(PATIENCE).until(() -> drops().size() == 1);
    assertThat(drops().get(0).reason()).isEqualTo(Reason.NO_SUCH_PARTITION);
    assertThat(frames.history()).isEmpty();
  }

  @Test
  void accept_pictureThatCannotBeEncoded_isDropped() {
    publisher.add(CameraConfig.of("cam", "rtsp://unused").withEncoding(ContentType.I420));
    Picture odd = Picture.black(3, 3);
    publisher.accept(new FrameSink.CapturedFrame(new FrameId("cam", 7, 0, 0), 0, 3, 3, odd));
    await().atMost(PATIENCE).until(() -> drops().size() == 1);
    assertThat(drops().get(0).reason()).isEqualTo(Reason.ENCODE_FAILED);
  }

  @Test
  void close_whileNothingIsTaken_dropsWhatWaits() {
    publisher.add(CameraConfig.of("cam", "rtsp://unused"));
    frames.sendException = new TimeoutException("no metadata");
    for (int i = 0; i < 3; i++) {
      accept("cam", i);
    }
    publisher.close();
    await().atMost(PATIENCE).until(() -> drops().size() == 3);
    assertThat(drops()).allMatch(drop -> drop.reason() == Reason.SHUTDOWN);
  }
}
