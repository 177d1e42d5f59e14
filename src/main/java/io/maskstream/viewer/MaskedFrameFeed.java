package io.maskstream.viewer;

import com.google.protobuf.InvalidProtocolBufferException;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.topic.ClassTableRecords;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.v1.SegmentedFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  }

  private static final Logger log = LoggerFactory.getLogger(MaskedFrameFeed.class);

  /** Pictures kept while their mask is on its way: some seconds of several cameras. */
  private static final int WAITING_PICTURES = 500;

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final TopicNames topics;
  private final Listener listener;
  private final Thread thread;
  private final Map<String, ClassTable> tables = new HashMap<>();
  private final Map<FrameId, ConsumerRecord<byte[], byte[]>> pictures =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(
            Map.Entry<FrameId, ConsumerRecord<byte[], byte[]>> eldest) {
          return size() > WAITING_PICTURES;
        }
      };
  private volatile boolean stopped;

  /**
   * Starts reading.
   *
   * @param settings of the consumer, without deserialisers
   * @param listener called by the feed's thread
   */
  public MaskedFrameFeed(Map<String, Object> settings, TopicNames topics, Listener listener) {
    this.consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.topics = topics;
    this.listener = listener;
    assign();
    this.thread = new Thread(this::run, "masked-frame-feed");
    thread.setDaemon(true);
    thread.start();
  }

  private void assign() {
    List<TopicPartition> live = partitions(topics.frames());
    live.addAll(partitions(topics.segmentedFrames()));
    live.addAll(partitions(topics.drops()));
    List<TopicPartition> whole = partitions(topics.classTables());
    List<TopicPartition> all = new ArrayList<>(live);
    all.addAll(whole);
    consumer.assign(all);
    consumer.seekToEnd(live);
    live.forEach(consumer::position); // fixes the positions now, not at the first poll
    consumer.seekToBeginning(whole);
  }

  private List<TopicPartition> partitions(String topic) {
    List<TopicPartition> result = new ArrayList<>();
    for (PartitionInfo info : consumer.partitionsFor(topic)) {
      result.add(new TopicPartition(topic, info.partition()));
    }
    return result;
  }

  private void run() {
    try {
      while (!stopped) {
        consumer.poll(POLL).forEach(this::take);
      }
    } catch (WakeupException | InterruptException e) {
      log.debug("feed stopped", e);
    } catch (RuntimeException e) {
      log.error("the feed of masks failed", e);
    } finally {
      consumer.close();
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topics.classTables())) {
      ClassTable table = ClassTableRecords.read(record.value());
      tables.put(table.id(), table);
    } else if (record.topic().equals(topics.frames())) {
      takePicture(record);
    } else if (record.topic().equals(topics.drops())) {
      if (record.key() != null) {
        listener.dropped(new String(record.key(), StandardCharsets.UTF_8));
      }
    } else {
      takeMask(record);
    }
  }

  private void takePicture(ConsumerRecord<byte[], byte[]> record) {
    try {
      pictures.put(metadata(record).id(), record);
    } catch (IllegalArgumentException e) {
      log.debug("not a frame: {}", e.getMessage());
    }
  }

  private void takeMask(ConsumerRecord<byte[], byte[]> record) {
    try {
      SegmentedFrame frame = SegmentedFrame.parseFrom(record.value());
      ClassTable table = tables.get(frame.getClassTable());
      ConsumerRecord<byte[], byte[]> picture = pictures.remove(SegmentedFrames.id(frame));
      if (table != null && picture != null) {
        listener.masked(
            new MaskedFrame(
                frame, MaskCodec.decode(frame.getMask()), () -> decode(picture), table));
      }
    } catch (InvalidProtocolBufferException e) {
      log.warn("{} offset {} is not a segmented frame", record.topic(), record.offset(), e);
    }
  }

  private static FrameMetadata metadata(ConsumerRecord<byte[], byte[]> record) {
    return FrameMetadata.of(new String(record.key(), StandardCharsets.UTF_8), record.headers());
  }

  private static Picture decode(ConsumerRecord<byte[], byte[]> record) {
    FrameMetadata metadata = metadata(record);
    return PictureCodec.decode(
        record.value(), metadata.contentType(), metadata.width(), metadata.height());
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(STOP_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
