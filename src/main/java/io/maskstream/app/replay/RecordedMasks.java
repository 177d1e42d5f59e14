package io.maskstream.app.replay;

import com.google.protobuf.InvalidProtocolBufferException;
import io.maskstream.app.replay.RecordedFrames.Frame;
import io.maskstream.app.replay.RecordedFrames.Source;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.ScalablePicture;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.v1.Mask;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** The masks that a deployment made of a range of frames, copied from their topic into a spool. */
final class RecordedMasks implements MaskSource {
  private final Map<FrameId, Entry> entries = new HashMap<>();
  private final Map<String, Long> models = new TreeMap<>();
  private final Damage damage = new Damage();
  private final Set<FrameId> wanted;
  private final Spool spool;
  private final Function<String, ClassTable> tables;

  private record Entry(Spool.Block mask, double confidence, long micros) {}

  private RecordedMasks(RecordedFrames frames, Spool spool, Function<String, ClassTable> tables) {
    this.wanted = frames.frames().stream().map(Frame::id).collect(Collectors.toSet());
    this.spool = spool;
    this.tables = tables;
  }

  /**
   * Copies the masks of frames.
   *
   * @param tables classes by camera
   */
  static RecordedMasks read(
      Source source,
      TimeRange range,
      RecordedFrames frames,
      Spool spool,
      Function<String, ClassTable> tables)
      throws IOException {
    RecordedMasks read = new RecordedMasks(frames, spool, tables);
    String topic = source.topics().names().segmentedFrames();
    try (KafkaConsumer<byte[], byte[]> consumer = TopicReader.atBeginning(source.kafka(), topic)) {
      TopicReader.offsets(consumer, range.from().minus(RecordedFrames.CLOCK_AHEAD))
          .forEach(consumer::seek);
      TopicReader.forEach(consumer, consumer.endOffsets(consumer.assignment()), read::add);
    } catch (UncheckedIOException e) {
      throw new IOException("cannot write the temporary file: " + e.getMessage(), e);
    }
    return read;
  }

  private void add(ConsumerRecord<byte[], byte[]> record) {
    try {
      add(SegmentedFrames.parse(record.value()));
    } catch (IllegalArgumentException e) {
      damage.add(
          "mask at partition %d offset %d".formatted(record.partition(), record.offset()),
          String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of a frame that was segmented twice, the first mask counts. */
  private void add(SegmentedFrame frame) throws IOException {
    FrameId id = SegmentedFrames.id(frame);
    if (!wanted.contains(id) || entries.containsKey(id)) {
      return;
    }
    entries.put(
        id,
        new Entry(
            spool.add(frame.getMask().toByteArray()),
            confidence(frame),
            frame.getTimings().getInferenceMicros()));
    String model =
        "%s %s, %s"
            .formatted(frame.getModel(), frame.getModelVersion(), frame.getReuse().getPolicy());
    models.merge(model, 1L, Long::sum);
  }

  private static double confidence(SegmentedFrame frame) {
    long pixels = frame.getClassesList().stream().mapToLong(share -> share.getPixels()).sum();
    return frame.getClassesList().stream()
            .mapToDouble(share -> (double) share.getPixels() * share.getConfidence())
            .sum()
        / Math.max(1, pixels);
  }

  @Override
  public String name() {
    return "recorded masks";
  }

  @Override
  public ClassTable table(String camera) {
    return tables.apply(camera);
  }

  @Override
  public Optional<TimedMask> mask(Frame frame, ScalablePicture picture) throws IOException {
    Entry entry = entries.get(frame.id());
    if (entry == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new TimedMask(
              MaskCodec.decode(Mask.parseFrom(spool.read(entry.mask()))),
              entry.confidence(),
              entry.micros()));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the temporary file has changed", e);
    } catch (IllegalArgumentException e) {
      damage.add("mask of " + frame.id().text(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** Frames by model, version and policy. */
  Map<String, Long> models() {
    return models;
  }

  /** Masks that cannot be read. */
  Damage damage() {
    return damage;
  }
}
