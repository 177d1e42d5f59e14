package io.maskstream.viewer;

import io.maskstream.frame.ClassTable;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Joins the topics of frames and of masks, from now on, in a thread of its own, and hands each pair
 * to a listener. Reads as any consumer would; commits nothing.
 */
public final class MaskedFrameFeed implements AutoCloseable {
  /** Who is notified, by the feed's thread. */
  public interface Listener {

    /** A mask has come, and its picture before it. */
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

  private final RecordLoop loop;
  private final TopicNames topics;
  private final Listener listener;
  private final Map<String, ClassTable> tables = new HashMap<>();
  private final WaitingPictures pictures = new WaitingPictures(WAITING_BYTES);

  /**
   * Starts reading.
   *
   * @param settings of the consumer, without deserialisers
   * @param listener called by the feed's thread
   * @param observer counts records that are not ours
   */
  public MaskedFrameFeed(
      Map<String, Object> settings,
      TopicNames topics,
      Listener listener,
      RecordLoop.Observer observer) {
    this.topics = topics;
    this.listener = listener;
    RecordLoop.Subject subject =
        new RecordLoop.Subject(
            NAME,
            Set.of(topics.classTables(), topics.cameras(), topics.cameraStatus()),
            Set.of(topics.frames(), topics.segmentedFrames(), topics.drops()));
    this.loop = new RecordLoop(subject, settings, this::take, observer).start();
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
    } else if (record.topic().equals(topics.frames())) {
      pictures.add(FrameMetadata.of(record).id(), record);
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

  private void takeMask(ConsumerRecord<byte[], byte[]> record) {
    SegmentedFrame frame = SegmentedFrames.parse(record.value());
    ClassTable table = tables.get(frame.getClassTable());
    ConsumerRecord<byte[], byte[]> picture = pictures.take(SegmentedFrames.id(frame));
    if (table != null && picture != null) {
      listener.masked(
          new MaskedFrame(
              frame,
              MaskCodec.decode(frame.getMask()),
              picture.value().length,
              () -> decode(picture),
              () -> jpeg(picture),
              table));
    }
  }

  private static Picture decode(ConsumerRecord<byte[], byte[]> record) {
    FrameMetadata metadata = FrameMetadata.of(record);
    return PictureCodec.decode(
        record.value(), metadata.contentType(), metadata.width(), metadata.height());
  }

  private static byte[] jpeg(ConsumerRecord<byte[], byte[]> record) {
    return FrameMetadata.of(record).contentType() == ContentType.JPEG
        ? record.value()
        : PictureCodec.encode(decode(record), ContentType.JPEG, QUALITY);
  }

  @Override
  public void close() {
    loop.close();
  }
}
