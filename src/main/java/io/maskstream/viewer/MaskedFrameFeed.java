package io.maskstream.viewer;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.topic.CameraReport;
import io.maskstream.topic.ClassTableRecords;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.Json;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.v1.SegmentedFrame;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Joins the topics of pictures and of masks, from now on, in a thread of its own, and hands each
 * pair to a listener. Reads as any consumer would; commits nothing.
 */
public final class MaskedFrameFeed implements AutoCloseable {
  /** Who is notified, by the feed's thread. */
  public interface Listener {

    /** A mask has come, and its picture. */
    void masked(MaskedFrame frame);

    /** A frame of a camera was dropped. */
    default void dropped(String camera) {}

    /** A camera does something else now. */
    default void reported(CameraReport report) {}

    /**
     * An operator has added or changed a camera.
     *
     * @param paused whether no process reads it at present
     * @param zones of its picture
     */
    default void registered(String camera, boolean paused, List<ZoneOutline> zones) {}

    /** An operator has removed a camera. */
    default void removed(String camera) {}
  }

  private static final int QUALITY = 80;
  private static final String NAME = "masked-frame-feed";

  /** Pictures kept while their mask is on its way: some seconds of several cameras. */
  private static final long WAITING_BYTES = 64_000_000;

  private static final int GRAY = 128;

  private final RecordLoop loop;
  private final TopicNames topics;
  private final FeedSource.Pictures shown;
  private final Listener listener;
  private final Map<String, ClassTable> tables = new HashMap<>();
  private final WaitingRecords pictures = new WaitingRecords(WAITING_BYTES);
  private final WaitingRecords masks = new WaitingRecords(WAITING_BYTES);

  /**
   * Starts reading.
   *
   * @param listener called by the feed's thread
   */
  public MaskedFrameFeed(FeedSource source, Listener listener) {
    this.topics = source.topics();
    this.shown = source.pictures();
    this.listener = listener;
    Set<String> followed = new HashSet<>(Set.of(topics.segmentedFrames(), topics.drops()));
    pictureTopic().ifPresent(followed::add);
    RecordLoop.Subject subject =
        new RecordLoop.Subject(
            NAME, Set.of(topics.classTables(), topics.cameras(), topics.cameraStatus()), followed);
    this.loop = new RecordLoop(subject, source.consumer(), this::take, source.observer()).start();
  }

  private Optional<String> pictureTopic() {
    return switch (shown) {
      case RAW -> Optional.of(topics.frames());
      case REDACTED -> Optional.of(topics.redactedFrames());
      case NONE -> Optional.empty();
    };
  }

  /** Whether the topics are read. */
  public RecordLoop.Status status() {
    return loop.status();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topics.cameras())) {
      takeRegistered(FrameMetadata.camera(record), record.value());
      return;
    }
    if (record.value() == null) {
      return;
    }
    if (record.topic().equals(topics.cameraStatus())) {
      listener.reported(Json.read(record.value(), CameraReport.class));
      return;
    }
    if (record.topic().equals(topics.classTables())) {
      ClassTable table = ClassTableRecords.read(record.value());
      tables.put(table.id(), table);
    } else if (pictureTopic().equals(Optional.of(record.topic()))) {
      takePicture(record);
    } else if (record.topic().equals(topics.drops())) {
      if (record.key() != null) { // a range that expired belongs to no camera
        listener.dropped(FrameMetadata.camera(record));
      }
    } else {
      takeMask(record);
    }
  }

  /** Of a camera's record; claims of ingest processes, under a key of their own, lack settings. */
  private record Registered(boolean paused, @Nullable RegisteredSettings settings) {}

  private record RegisteredSettings(@Nullable List<ZoneOutline> zones) {}

  private void takeRegistered(String camera, byte @Nullable [] value) {
    if (value == null) {
      listener.removed(camera);
      return;
    }
    Registered found = Json.read(value, Registered.class);
    if (found.settings != null) {
      List<ZoneOutline> zones = found.settings.zones;
      listener.registered(camera, found.paused, zones == null ? List.of() : zones);
    }
  }

  private void takePicture(ConsumerRecord<byte[], byte[]> record) {
    FrameMetadata metadata = FrameMetadata.of(record);
    if (metadata.held()) {
      return; // its picture is not in Kafka
    }
    ConsumerRecord<byte[], byte[]> mask = masks.take(metadata.id());
    if (mask == null) {
      pictures.add(metadata.id(), record);
    } else {
      join(SegmentedFrames.parse(mask.value()), record);
    }
  }

  private void takeMask(ConsumerRecord<byte[], byte[]> record) {
    SegmentedFrame frame = SegmentedFrames.parse(record.value());
    if (shown == FeedSource.Pictures.NONE) {
      show(frame, 0, () -> gray(frame), () -> encode(gray(frame)));
      return;
    }
    FrameId id = SegmentedFrames.id(frame);
    ConsumerRecord<byte[], byte[]> picture = pictures.take(id);
    if (picture == null) {
      masks.add(id, record);
    } else {
      join(frame, picture);
    }
  }

  private void join(SegmentedFrame frame, ConsumerRecord<byte[], byte[]> picture) {
    show(frame, picture.value().length, () -> decode(picture), () -> jpeg(picture));
  }

  private void show(
      SegmentedFrame frame, int bytes, Supplier<Picture> picture, Supplier<byte[]> jpeg) {
    ClassTable table = tables.get(frame.getClassTable());
    if (table != null) {
      listener.masked(
          new MaskedFrame(frame, MaskCodec.decode(frame.getMask()), bytes, picture, jpeg, table));
    }
  }

  /** In the place of a picture, as large as its mask. */
  private static Picture gray(SegmentedFrame frame) {
    int width = frame.getMask().getWidth();
    int height = frame.getMask().getHeight();
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, (byte) GRAY);
    return new Picture(width, height, rgb);
  }

  private static byte[] encode(Picture picture) {
    return PictureCodec.encode(picture, ContentType.JPEG, QUALITY);
  }

  private static Picture decode(ConsumerRecord<byte[], byte[]> record) {
    FrameMetadata metadata = FrameMetadata.of(record);
    return PictureCodec.decode(
        record.value(), metadata.contentType(), metadata.width(), metadata.height());
  }

  private static byte[] jpeg(ConsumerRecord<byte[], byte[]> record) {
    return FrameMetadata.of(record).contentType() == ContentType.JPEG
        ? record.value()
        : encode(decode(record));
  }

  @Override
  public void close() {
    loop.close();
  }
}
