package io.maskstream.deployment;

import io.maskstream.camera.CameraGroup;
import io.maskstream.camera.CameraRegistry;
import io.maskstream.camera.CameraSettings;
import io.maskstream.camera.DropLedger;
import io.maskstream.camera.FramePublisher;
import io.maskstream.camera.FrameSink;
import io.maskstream.camera.RunningCameras;
import io.maskstream.camera.StatusPublisher;
import io.maskstream.config.ConfigException;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.HeldPictures;
import io.maskstream.topic.KafkaConnection;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.TimeoutException;

/** The ingest role: this process's share of the cameras, and what sends their frames. */
final class IngestRole {
  /** Longest wait of the sending thread for a broker that does not answer. */
  private static final Duration MAX_BLOCK = Duration.ofMillis(100);

  private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration PRODUCER_STOP = Duration.ofSeconds(5);

  /**
   * A frame inside the producer is not given up: whether the broker has it is not known, so it
   * could have two outcomes. Few are inside at a time, and a worker drops those that come too late.
   */
  private static final int DELIVERY_TIMEOUT_MILLIS = Integer.MAX_VALUE;

  private final Parts parts;
  private final Closer closer;
  private final Producer<byte[], byte[]> producer;
  private final FramePublisher publisher;

  /**
   * What the role needs.
   *
   * @param process name of this process, for people
   */
  record Parts(
      DeploymentConfig config,
      KafkaConnection kafka,
      Optional<HeldPictures> held,
      Metrics metrics,
      Health health,
      FrameTraces traces,
      String process) {}

  private IngestRole(Parts parts, Closer closer) {
    this.parts = parts;
    this.closer = closer;
    producer = producer();
    awaitMetadata();
    DropLedger drops =
        closer.add(new DropLedger(producer, parts.config().topics().names(), parts.metrics()));
    publisher =
        closer.add(
            new FramePublisher(
                new FramePublisher.Parts(
                    producer,
                    parts.config().topics().names(),
                    drops,
                    parts.held(),
                    parts.metrics(),
                    parts.traces(),
                    Clock.systemUTC())));
    parts.health().add("frames", Health.Severity.NOT_READY, publisher::check);
    parts.metrics().kafka("ingest-producer", producer::metrics);
  }

  /** Puts the file's cameras into their topic and makes ready to send frames; reads none yet. */
  static IngestRole prepare(Parts parts, Closer closer) throws IOException {
    CameraGroup.loadLibraries();
    try {
      new CameraRegistry(parts.kafka(), parts.config().topics()).putFile(parts.config().cameras());
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
    return new IngestRole(parts, closer);
  }

  private Producer<byte[], byte[]> producer() {
    Map<String, Object> settings = parts.kafka().producer(parts.config().topics().maxRecordBytes());
    settings.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK.toMillis());
    settings.putIfAbsent(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST_TIMEOUT.toMillis());
    settings.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MILLIS);
    settings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
    Producer<byte[], byte[]> made = ByteClients.producer(settings);
    AutoCloseable bounded = () -> made.close(PRODUCER_STOP);
    closer.add(bounded);
    return made;
  }

  /** The first send fetches metadata, which may take longer than a camera may wait. */
  private void awaitMetadata() {
    long end = System.nanoTime() + METADATA_TIMEOUT.toNanos();
    while (true) {
      try {
        producer.partitionsFor(parts.config().topics().names().frames());
        return;
      } catch (TimeoutException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
      }
    }
  }

  /**
   * Takes this process's share of all cameras that are there.
   *
   * @param tap may put itself between the cameras and Kafka
   */
  CameraGroup join(GroupMember member, UnaryOperator<FrameSink> tap) {
    DeploymentConfig config = parts.config();
    Map<String, String> variables = new HashMap<>(System.getenv());
    variables.putAll(CameraSettings.secrets(config.cameras()));
    CameraGroup group =
        closer.add(
            CameraGroup.join(
                new CameraGroup.Parts(
                    parts.kafka(),
                    config.topics().names().cameras(),
                    member,
                    parts.process(),
                    producer,
                    variables),
                new RunningCameras.Parts(
                    publisher,
                    tap.apply(publisher),
                    parts.metrics(),
                    parts.health(),
                    config.forgetAfter(),
                    Clock.systemUTC())));
    closer.add(
        new StatusPublisher(
            producer, config.topics().names(), parts.metrics().cameras(), group::statuses));
    return group;
  }
}
