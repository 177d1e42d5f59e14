package io.maskstream.camera;

import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.DropRecord.Reason;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.HeldPictures;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TraceHeader;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes frames and sends them to Kafka, or their identities alone while the pictures are held in
 * this process. A frame that Kafka does not take becomes a drop record. The thread of a live camera
 * never waits; that of a file which is read as fast as possible does.
 */
public final class FramePublisher implements FrameSink, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FramePublisher.class);

  private static final byte[] NO_PICTURE = {};

  private final TopicNames topics;
  private final Map<String, CameraConfig> cameras = new ConcurrentHashMap<>();
  private final Metrics metrics;
  private final FrameTraces traces;
  private final Optional<HeldPictures> held;
  private final FrameSender sender;

  /**
   * What a publisher needs.
   *
   * @param held where pictures wait for the worker of this process; empty where Kafka takes them
   */
  public record Parts(
      Producer<byte[], byte[]> producer,
      TopicNames topics,
      DropLedger drops,
      Optional<HeldPictures> held,
      Metrics metrics,
      FrameTraces traces,
      InstantSource clock) {}

  /** A publisher of no cameras yet. */
  public FramePublisher(Parts parts) {
    this.topics = parts.topics();
    this.metrics = parts.metrics();
    this.traces = parts.traces();
    this.held = parts.held();
    this.sender = new FrameSender(parts);
  }

  /** Takes frames of this camera from now on, or takes them with these settings. */
  public void add(CameraConfig config) {
    cameras.put(config.id(), config);
  }

  /** Forgets a camera that is read no more. */
  public void remove(String camera) {
    cameras.remove(camera);
    sender.forget(camera);
  }

  /** Whether Kafka takes frames. */
  public Health.CheckResult check() {
    return sender.check();
  }

  /** Frees what is left of a camera that has been gone for a while. */
  void forget(String camera) {
    held.ifPresent(pictures -> pictures.forget(camera));
  }

  @Override
  public void accept(CapturedFrame frame) {
    CameraConfig config = cameras.get(frame.camera());
    if (config == null) {
      throw new IllegalArgumentException("unknown camera " + frame.camera());
    }
    metrics.cameras().read(frame.camera(), frame.id().captureMicros() / 1e6);
    long start = System.nanoTime();
    byte[] value;
    try {
      value = PictureCodec.encode(frame.picture(), config.encoding(), config.quality());
    } catch (RuntimeException e) {
      log.warn("{}: a picture cannot be encoded", frame.camera(), e);
      sender.drop(waiting(frame, config, NO_PICTURE), Reason.ENCODE_FAILED);
      return;
    }
    metrics.stage(frame.camera(), "encode", System.nanoTime() - start);
    boolean patient = config.pacing() == CameraConfig.Pacing.AS_FAST_AS_POSSIBLE;
    held.ifPresent(pictures -> pictures.put(frame.id(), value));
    sender.add(waiting(frame, config, held.isPresent() ? NO_PICTURE : value), patient);
  }

  private WaitingFrame waiting(CapturedFrame frame, CameraConfig config, byte[] value) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topics.frames(),
            config.partition().orElse(null),
            TimeUnit.MICROSECONDS.toMillis(frame.id().captureMicros()),
            frame.camera().getBytes(StandardCharsets.UTF_8),
            value);
    new FrameMetadata(
            frame.id(),
            frame.picture().width(),
            frame.picture().height(),
            config.encoding(),
            frame.sourceWidth(),
            frame.sourceHeight(),
            held.isPresent())
        .writeTo(record.headers());
    FrameTraces.Ingest trace = traces.captured(frame.id());
    trace.header().ifPresent(parent -> TraceHeader.put(record.headers(), parent));
    return new WaitingFrame(frame.id(), record, trace);
  }

  /** Sends what waits, for a few seconds. */
  @Override
  public void close() {
    sender.close();
  }
}
