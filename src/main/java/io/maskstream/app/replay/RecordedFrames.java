package io.maskstream.app.replay;

import io.maskstream.frame.FrameId;
import io.maskstream.stream.PlainFrames;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicExtent;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.TopicSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * The frames of a range, copied from their topic into a spool: by camera, then as they lie in the
 * topic. Read by a plain consumer.
 */
final class RecordedFrames {

  /** How far a camera host's clock may be ahead of the broker's; the same as in a topology. */
  static final Duration CLOCK_AHEAD = Duration.ofMinutes(5);

  private final List<Frame> frames = new ArrayList<>();
  private final Damage damage = new Damage();
  private final TimeRange range;
  private final Set<String> cameras;
  private final Spool spool;
  private final PlainFrames reader;
  private Optional<String> expired = Optional.empty();

  /** Where frames and masks lie. */
  record Source(KafkaConnection kafka, TopicSettings topics) {}

  private RecordedFrames(TimeRange range, Set<String> cameras, Spool spool, InstantSource clock) {
    this.range = range;
    this.cameras = cameras;
    this.spool = spool;
    this.reader = new PlainFrames(clock);
  }

  /**
   * One frame.
   *
   * @param partition of the topic
   * @param offset in the partition
   * @param value the encoded picture
   */
  record Frame(FrameMetadata metadata, int partition, long offset, Spool.Block value) {
    FrameId id() {
      return metadata.id();
    }

    /** For a message. */
    String place() {
      return "partition %d offset %d (%s)".formatted(partition, offset, id().text());
    }
  }

  /**
   * Copies a range.
   *
   * @param cameras whose frames count; all where it is empty
   * @throws IOException that names the range and the topic where nothing lies in it
   */
  static RecordedFrames read(
      Source source, TimeRange range, Set<String> cameras, Spool spool, InstantSource clock)
      throws IOException {
    String topic = source.topics().names().frames();
    RecordedFrames read = new RecordedFrames(range, cameras, spool, clock);
    try (KafkaConsumer<byte[], byte[]> consumer = TopicReader.atBeginning(source.kafka(), topic)) {
      TopicExtent extent = TopicExtent.of(consumer);
      Instant last = range.to().plus(source.topics().framesRetention());
      Map<TopicPartition, Long> ends = TopicReader.offsets(consumer, last);
      TopicReader.offsets(consumer, range.from().minus(CLOCK_AHEAD)).forEach(consumer::seek);
      TopicReader.forEach(consumer, ends, read::add);
      if (read.frames.isEmpty() && read.damage.count() == 0) {
        throw new IOException(read.nothing(source, extent));
      }
      read.expired = extent.lostBefore(range.from()).map(oldest -> expired(source, oldest));
    } catch (UncheckedIOException e) {
      throw new IOException("cannot write the temporary file: " + e.getMessage(), e);
    }
    read.frames.sort(
        Comparator.comparing((Frame frame) -> frame.id().camera())
            .thenComparing(Frame::partition)
            .thenComparing(Frame::offset));
    return read;
  }

  private void add(ConsumerRecord<byte[], byte[]> record) {
    FrameMetadata metadata;
    try {
      metadata = reader.read(record);
    } catch (IllegalArgumentException e) {
      damaged(record, String.valueOf(e.getMessage()));
      return;
    }
    FrameId id = metadata.id();
    if (!range.contains(id.captureMicros()) || !wanted(id.camera())) {
      return;
    }
    try {
      frames.add(
          new Frame(metadata, record.partition(), record.offset(), spool.add(record.value())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One whose headers cannot be read has the time of its record. */
  private void damaged(ConsumerRecord<byte[], byte[]> record, String reason) {
    String camera = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    if (range.contains(Math.multiplyExact(record.timestamp(), 1_000L)) && wanted(camera)) {
      damage.add("partition %d offset %d".formatted(record.partition(), record.offset()), reason);
    }
  }

  private boolean wanted(String camera) {
    return cameras.isEmpty() || cameras.contains(camera);
  }

  private String nothing(Source source, TopicExtent extent) {
    String of = cameras.isEmpty() ? "no frame" : "no frame of " + String.join(", ", cameras);
    return "%s captured from %s lies in %s: %s; %s"
        .formatted(of, range, source.topics().names().frames(), extent, kept(source));
  }

  private static String expired(Source source, Instant oldest) {
    return "the range begins before what is left of %s: in a partition, frames before %s are gone; %s"
        .formatted(source.topics().names().frames(), oldest, kept(source));
  }

  private static String kept(Source source) {
    return "frames are kept for %d s (topics.framesRetention) and %d bytes a partition (topics.framesRetentionBytes)"
        .formatted(
            source.topics().framesRetention().toSeconds(), source.topics().framesRetentionBytes());
  }

  /** A sentence where the topic no longer has all of the range. */
  Optional<String> expired() {
    return expired;
  }

  /** In their order. */
  List<Frame> frames() {
    return List.copyOf(frames);
  }

  /** Records that are no frames; pictures that cannot be decoded are added later. */
  Damage damage() {
    return damage;
  }
}
