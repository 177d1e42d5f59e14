package io.maskstream.camera;

import io.maskstream.metrics.Metrics;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.DropRecord.Reason;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * Encodes frames and sends them to Kafka. A frame that Kafka does not take becomes a drop record;
 * the camera's thread never waits longer than the producer's {@code max.block.ms}.
 */
public final class FramePublisher implements FrameSink {
  private final Producer<byte[], byte[]> producer;
  private final TopicNames topics;
  private final Map<String, CameraConfig> cameras;
  private final DropLedger drops;
  private final Metrics metrics;
  private final InstantSource clock;

  /**
   * A publisher.
   *
   * @param cameras by id
   */
  public FramePublisher(
      Producer<byte[], byte[]> producer,
      TopicNames topics,
      Map<String, CameraConfig> cameras,
      DropLedger drops,
      Metrics metrics,
      InstantSource clock) {
    this.producer = producer;
    this.topics = topics;
    this.cameras = Map.copyOf(cameras);
    this.drops = drops;
    this.metrics = metrics;
    this.clock = clock;
  }

  @Override
  public void accept(CapturedFrame frame) {
    metrics.read(frame.camera(), frame.captureMicros() / 1e6);
    CameraConfig config = cameras.get(frame.camera());
    if (config == null) {
      throw new IllegalArgumentException("unknown camera " + frame.camera());
    }
    long start = System.nanoTime();
    byte[] value;
    try {
      value = PictureCodec.encode(frame.picture(), config.encoding(), config.quality());
    } catch (RuntimeException e) {
      drop(frame, Reason.ENCODE_FAILED);
      return;
    }
    metrics.stage(frame.camera(), "encode", System.nanoTime() - start);
    send(frame, record(frame, config, value));
  }

  private ProducerRecord<byte[], byte[]> record(
      CapturedFrame frame, CameraConfig config, byte[] value) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topics.frames(),
            config.partition().orElse(null),
            frame.captureMicros() / 1_000,
            frame.camera().getBytes(StandardCharsets.UTF_8),
            value);
    new FrameMetadata(
            frame.sequence(),
            frame.epoch(),
            frame.captureMicros(),
            frame.picture().width(),
            frame.picture().height(),
            config.encoding(),
            frame.sourceWidth(),
            frame.sourceHeight())
        .writeTo(record.headers());
    return record;
  }

  private void send(CapturedFrame frame, ProducerRecord<byte[], byte[]> record) {
    CapturedFrame facts = withoutPicture(frame);
    try {
      var unused = producer.send(record, (metadata, failure) -> settle(facts, failure));
    } catch (KafkaException e) {
      drop(frame, reason(e));
    }
  }

  /** The pixels need not wait for the broker's answer. */
  private static CapturedFrame withoutPicture(CapturedFrame frame) {
    return new CapturedFrame(
        frame.camera(),
        frame.epoch(),
        frame.sequence(),
        frame.captureMicros(),
        frame.mediaMicros(),
        frame.sourceWidth(),
        frame.sourceHeight(),
        NOTHING);
  }

  private static final io.maskstream.frame.Picture NOTHING =
      new io.maskstream.frame.Picture(1, 1, new byte[3]);

  private void settle(CapturedFrame frame, @Nullable Exception failure) {
    if (failure == null) {
      metrics.published(frame.camera());
    } else {
      drop(frame, reason(failure));
    }
  }

  private static Reason reason(Exception failure) {
    return failure instanceof RecordTooLargeException
        ? Reason.TOO_LARGE
        : Reason.BROKER_UNAVAILABLE;
  }

  private void drop(CapturedFrame frame, Reason reason) {
    long now = clock.instant().toEpochMilli() * 1_000;
    drops.add(
        new DropRecord(
            frame.camera(),
            frame.epoch(),
            frame.sequence(),
            frame.captureMicros(),
            DropRecord.Stage.INGEST,
            reason,
            Math.max(0, now - frame.captureMicros())));
  }
}
