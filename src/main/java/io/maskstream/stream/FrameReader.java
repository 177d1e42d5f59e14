package io.maskstream.stream;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Micros;
import io.maskstream.stream.FrameRecord.Origin;
import io.maskstream.topic.DropRecord.Reason;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.HeldPictures;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Frame records to checked values; what cannot be one is poison. Used by all stream threads.
 *
 * <p>A capture time must be plausible: in a live topology it lies between the record's time minus
 * the topic's retention and the record's time plus {@link #MAX_AHEAD}, in a replay between 1970 and
 * now plus the same. The time of the records made from a frame is never in the future, so that no
 * broker refuses them and no window of the future is opened.
 *
 * <p>Where pictures are held in the process, a record takes its picture from there, and a record
 * that carries one is refused: it must not be in Kafka.
 */
final class FrameReader {

  /** A clock that is further ahead than this is wrong, not inexact. */
  static final Duration MAX_AHEAD = Duration.ofMinutes(5);

  private static final byte[] NO_PICTURE = {};
  private static final int MAX_KEY_LENGTH = 100;
  private static final char UNREADABLE = '\uFFFD';

  private final Optional<Duration> retention;
  private final Optional<HeldPictures> held;
  private final FailedRecords failed;
  private final InstantSource clock;
  private final LongAdder read = new LongAdder();

  /**
   * A reader.
   *
   * @param retention of the frames of a live topology; empty for a replay
   * @param held pictures that are not in Kafka; empty where all are
   */
  FrameReader(
      Optional<Duration> retention,
      Optional<HeldPictures> held,
      FailedRecords failed,
      InstantSource clock) {
    this.retention = retention;
    this.held = held;
    this.failed = failed;
    this.clock = clock;
  }

  /** Reads a record, or throws a {@link PoisonRecordException} that says what is wrong. */
  FrameRecord read(Record<String, byte[]> record, Optional<RecordMetadata> place) {
    Origin origin =
        place
            .map(found -> new Origin(found.topic(), found.partition(), found.offset()))
            .orElse(new Origin("", -1, -1));
    read.increment();
    failed.requireAnotherTry(origin);
    try {
      requireKeyAndValue(record);
      FrameMetadata metadata = FrameMetadata.of(record.key(), record.headers());
      requirePlausible(
          metadata.id().captureMicros(), TimeUnit.MILLISECONDS.toMicros(record.timestamp()));
      requireItsPlace(metadata, record.value());
      Optional<byte[]> picture =
          metadata.held() ? takeHeld(metadata.id()) : Optional.of(record.value());
      return new FrameRecord(
          metadata,
          picture.orElse(NO_PICTURE),
          record.headers(),
          Math.min(time(record, metadata), clock.millis()),
          metadata.id().captureMicros(),
          origin,
          picture.isPresent() ? Optional.empty() : Optional.of(missing(metadata.id())));
    } catch (IllegalArgumentException e) {
      throw new PoisonRecordException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Where pictures are held in the process, none comes from Kafka. */
  private void requireItsPlace(FrameMetadata metadata, byte[] value) {
    if (held.isPresent() && !metadata.held()) {
      throw new IllegalArgumentException(
          "it carries a picture of %d bytes, and with pictures.place: process none may be in Kafka"
              .formatted(value.length));
    }
    if (metadata.held() && value.length > 0) {
      throw new IllegalArgumentException(
          "its header content-type says that the picture is held in a process, its value has %d bytes"
              .formatted(value.length));
    }
  }

  private Optional<byte[]> takeHeld(FrameId frame) {
    return held.flatMap(pictures -> pictures.take(frame));
  }

  private Reason missing(FrameId frame) {
    return held.map(pictures -> pictures.missing(frame)).orElse(Reason.PICTURE_GONE);
  }

  /** A replay has the time of its frames, whenever it runs. */
  private long time(Record<String, byte[]> record, FrameMetadata metadata) {
    return retention.isPresent()
        ? record.timestamp()
        : TimeUnit.MICROSECONDS.toMillis(metadata.id().captureMicros());
  }

  private static void requireKeyAndValue(Record<String, byte[]> record) {
    if (record.key() == null || record.value() == null) {
      throw new IllegalArgumentException("a frame record needs a key and a value");
    }
    String key = record.key();
    if (key.isBlank() || key.length() > MAX_KEY_LENGTH || key.indexOf(UNREADABLE) >= 0) {
      throw new IllegalArgumentException(
          "the key must be a camera id of 1 to %d characters in UTF-8".formatted(MAX_KEY_LENGTH));
    }
  }

  /** Records read since the start. */
  long count() {
    return read.sum();
  }

  private void requirePlausible(long captureMicros, long recordMicros) {
    long now = Micros.now(clock);
    long min = retention.map(time -> recordMicros - Micros.of(time)).orElse(0L);
    long max = (retention.isPresent() ? recordMicros : now) + Micros.of(MAX_AHEAD);
    if (captureMicros < Math.max(0, min) || captureMicros > max) {
      throw new IllegalArgumentException(
          "header capture-micros must be %d to %d here, is %d"
              .formatted(Math.max(0, min), max, captureMicros));
    }
    if (recordMicros > now + Micros.of(MAX_AHEAD)) {
      throw new IllegalArgumentException(
          "the record's time is %d ms ahead".formatted((recordMicros - now) / 1_000));
    }
  }
}
