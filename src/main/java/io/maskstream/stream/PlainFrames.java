package io.maskstream.stream;

import io.maskstream.stream.FrameRecord.Origin;
import io.maskstream.topic.EncodedPicture;
import io.maskstream.topic.FrameMetadata;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Frame records outside of a topology, checked and decoded as a replay topology does it, so that
 * what is a dead letter there is one here. Used by one thread.
 */
public final class PlainFrames {
  private static final Origin NOWHERE = new Origin("", -1, -1);

  private final FrameReader reader;

  public PlainFrames(InstantSource clock) {
    this.reader = new FrameReader(Optional.empty(), Optional.empty(), new FailedRecords(), clock);
  }

  /** Reads a record of a plain consumer; an IllegalArgumentException says what is wrong with it. */
  public FrameMetadata read(ConsumerRecord<byte[], byte[]> record) {
    byte[] key = record.key();
    String camera = key == null ? null : new String(key, StandardCharsets.UTF_8);
    try {
      FrameRecord frame =
          reader.read(
              new Record<>(
                  camera, record.value(), Math.max(0, record.timestamp()), record.headers()),
              Optional.empty());
      if (frame.missing().isPresent()) {
        throw new IllegalArgumentException(
            "its picture was held in the process that read the camera (pictures.place: process)");
      }
      return frame.metadata();
    } catch (PoisonRecordException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * A picture, decoded, to be closed; an IllegalArgumentException says what is wrong with it.
   *
   * @param value of the record
   */
  public static EncodedPicture decode(FrameMetadata metadata, byte[] value) {
    EncodedPicture picture =
        new FrameRecord(
                metadata, value, new RecordHeaders(), 0, metadata.id().captureMicros(), NOWHERE)
            .picture();
    picture.requireWhole();
    return picture;
  }
}
