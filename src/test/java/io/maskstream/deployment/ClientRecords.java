package io.maskstream.deployment;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Mask;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.ClassTableRecords;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.Json;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.MaskEncoding;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.v1.ClassShare;
import io.maskstream.topic.v1.SegmentedFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What the clients are tested on. */
final class ClientRecords {
  static final TopicNames TOPICS = new TopicNames("clients");
  static final ClassTable TABLE = ClassTable.camvid11();
  private static final byte[] KEY = "gate".getBytes(StandardCharsets.UTF_8);

  private ClientRecords() {}

  static FrameId id(long sequence) {
    return new FrameId("gate", 5, sequence, 1_000_000 + sequence);
  }

  static Mask mask(long sequence) {
    return new SyntheticStreet(4, 160, 120).at(Duration.ofSeconds(sequence)).groundTruth();
  }

  /**
   * Frames 0, 1, 4 in three encodings, 0 twice; 3 is dropped, 2 has no outcome; the third record is
   * no frame.
   */
  static void send(TestBroker broker) throws Exception {
    DropRecord drop =
        new DropRecord(id(3), DropRecord.Stage.SEGMENT, DropRecord.Reason.STALE, 600_000);
    try (Producer<byte[], byte[]> producer = ByteClients.producer(broker.connection())) {
      for (ProducerRecord<byte[], byte[]> record :
          List.of(
              ClassTableRecords.record(TOPICS, TABLE),
              new ProducerRecord<>(TOPICS.drops(), KEY, Json.write(drop)),
              frame(0, MaskEncoding.ZSTD),
              frame(0, MaskEncoding.ZSTD),
              record(new byte[] {-1, -1, -1}),
              frame(1, MaskEncoding.PNG),
              frame(4, MaskEncoding.RLE))) {
        producer.send(record).get();
      }
    }
  }

  static ProducerRecord<byte[], byte[]> frame(long sequence, MaskEncoding encoding) {
    Mask mask = mask(sequence);
    int[] pixels = new int[TABLE.size()];
    for (byte label : mask.labels()) {
      pixels[label]++;
    }
    FrameId id = id(sequence);
    SegmentedFrame.Builder frame =
        SegmentedFrame.newBuilder()
            .setCamera(id.camera())
            .setEpoch(id.epoch())
            .setSequence(id.sequence())
            .setCaptureMicros(id.captureMicros())
            .setClassTable(TABLE.id())
            .setMask(MaskCodec.encode(mask, encoding, TABLE));
    for (int count : pixels) {
      frame.addClasses(ClassShare.newBuilder().setPixels(count));
    }
    return record(frame.build().toByteArray());
  }

  private static ProducerRecord<byte[], byte[]> record(byte[] value) {
    return new ProducerRecord<>(TOPICS.segmentedFrames(), KEY, value);
  }
}
