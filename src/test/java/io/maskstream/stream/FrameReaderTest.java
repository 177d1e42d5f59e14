package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.FrameId;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.DropRecord.Reason;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.HeldPictures;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final Duration RETENTION = Duration.ofMinutes(5);

  private final FailedRecords failed = new FailedRecords();
  private final FrameReader live =
      new FrameReader(
          Optional.of(RETENTION), Optional.empty(), failed, () -> Instant.ofEpochMilli(NOW));
  private final FrameReader replay =
      new FrameReader(Optional.empty(), Optional.empty(), failed, () -> Instant.ofEpochMilli(NOW));

  private static Record<String, byte[]> record(String key, long captureMicros, long millis) {
    RecordHeaders headers = new RecordHeaders();
    new FrameMetadata(new FrameId("x", 1, 7, captureMicros), 64, 48, ContentType.JPEG)
        .writeTo(headers);
    return new Record<>(key, new byte[] {1}, millis, headers);
  }

  private static Optional<RecordMetadata> at(long offset) {
    return Optional.of(
        new RecordMetadata() {
          @Override
          public String topic() {
            return "frames";
          }

          @Override
          public int partition() {
            return 2;
          }

          @Override
          public long offset() {
            return offset;
          }
        });
  }

  @Test
  void read_givesTheFrameWithItsPlace() {
    FrameRecord frame = live.read(record("a", 1_000 * NOW, NOW), at(9));
    assertThat(frame.camera()).isEqualTo("a");
    assertThat(frame.id().sequence()).isEqualTo(7);
    assertThat(frame.origin()).isEqualTo(new FrameRecord.Origin("frames", 2, 9));
    assertThat(live.count()).isEqualTo(1);
  }

  private static Record<String, byte[]> held(long sequence, byte[] value) {
    RecordHeaders headers = new RecordHeaders();
    new FrameMetadata(
            new FrameId("a", 1, sequence, 1_000 * NOW), 64, 48, ContentType.JPEG, 64, 48, true)
        .writeTo(headers);
    return new Record<>("a", value, NOW, headers);
  }

  @Test
  void pictureThatIsHeld_isTakenFromTheProcess_once() {
    HeldPictures pictures = new HeldPictures(100);
    FrameReader reader =
        new FrameReader(
            Optional.of(RETENTION), Optional.of(pictures), failed, () -> Instant.ofEpochMilli(NOW));
    FrameId id = new FrameId("a", 1, 7, 1_000 * NOW);
    pictures.put(id, new byte[] {1, 2, 3});
    FrameRecord frame = reader.read(held(7, new byte[0]), at(9));
    assertThat(frame.value()).containsExactly(1, 2, 3);
    assertThat(frame.recordValue()).isEmpty();
    assertThat(frame.missing()).isEmpty();
    assertThat(reader.read(held(7, new byte[0]), at(9)).missing()).contains(Reason.PICTURE_GONE);
    pictures.put(id, new byte[101]);
    assertThat(reader.read(held(7, new byte[0]), at(9)).missing()).contains(Reason.HOLD_FULL);
  }

  @Test
  void pictureThatIsHeldElsewhere_isMissing() {
    FrameRecord frame = live.read(held(7, new byte[0]), at(9));
    assertThat(frame.missing()).contains(Reason.PICTURE_GONE);
    assertThat(frame.value()).isEmpty();
  }

  @Test
  void recordWithAPicture_whereNoneMayBeInKafka_isPoison() {
    FrameReader reader =
        new FrameReader(
            Optional.of(RETENTION),
            Optional.of(new HeldPictures(100)),
            failed,
            () -> Instant.ofEpochMilli(NOW));
    assertThatThrownBy(() -> reader.read(record("a", 1_000 * NOW, NOW), at(9)))
        .isInstanceOf(PoisonRecordException.class)
        .hasMessage(
            "it carries a picture of 1 bytes, and with pictures.place: process none may be in Kafka");
    assertThatThrownBy(() -> reader.read(held(7, new byte[5]), at(9)))
        .isInstanceOf(PoisonRecordException.class)
        .hasMessage(
            "its header content-type says that the picture is held in a process, its value has 5"
                + " bytes");
  }

  /** Seconds from the record's time to the capture time. */
  @ParameterizedTest
  @CsvSource({"-301, false", "-300, true", "0, true", "300, true", "301, false"})
  void captureTime_inALiveTopology_isWithinRetentionAndSomeMinutes(long seconds, boolean good) {
    Record<String, byte[]> record = record("a", 1_000 * NOW + 1_000_000 * seconds, NOW);
    if (good) {
      assertThat(live.read(record, at(0)).timestamp()).isEqualTo(NOW);
    } else {
      assertThatThrownBy(() -> live.read(record, at(0)))
          .isInstanceOf(PoisonRecordException.class)
          .hasMessageContaining("capture-micros must be");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, Long.MAX_VALUE})
  void captureTime_beyondAllTime_isPoisonEverywhere(long micros) {
    for (FrameReader reader : new FrameReader[] {live, replay}) {
      assertThatThrownBy(() -> reader.read(record("a", micros, NOW), at(0)))
          .isInstanceOf(PoisonRecordException.class);
    }
  }

  @Test
  void replay_takesOldFrames_andGivesTheirOwnTime() {
    assertThat(replay.read(record("a", 5_000_000, NOW), at(0)).timestamp()).isEqualTo(5_000);
  }

  @Test
  void timestamp_isNeverInTheFuture() {
    long ahead = NOW + 60_000;
    assertThat(live.read(record("a", 1_000 * ahead, ahead), at(0)).timestamp()).isEqualTo(NOW);
    assertThat(replay.read(record("a", 1_000 * ahead, NOW), at(0)).timestamp()).isEqualTo(NOW);
    assertThatThrownBy(() -> live.read(record("a", 1_000 * NOW, NOW + 301_000), at(0)))
        .isInstanceOf(PoisonRecordException.class)
        .hasMessageContaining("capture-micros");
    long twoHours = NOW + 7_200_000;
    assertThatThrownBy(() -> live.read(record("a", 1_000 * twoHours, twoHours), at(0)))
        .hasMessage("the record's time is 7200000 ms ahead");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "caf\uFFFD"})
  void key_mustBeACameraId(String key) {
    assertThatThrownBy(() -> live.read(record(key, 1_000 * NOW, NOW), at(0)))
        .isInstanceOf(PoisonRecordException.class)
        .hasMessageContaining("key must be a camera id");
  }

  @Test
  void recordThatHasFailedThreeTimes_isPoison() {
    FrameRecord.Origin origin = new FrameRecord.Origin("frames", 2, 9);
    RuntimeException cause = new IllegalStateException("refused");
    assertThat(failed.add(origin, cause)).isFalse();
    assertThat(failed.add(origin, cause)).isFalse();
    assertThat(live.read(record("a", 1_000 * NOW, NOW), at(9)).camera()).isEqualTo("a");
    assertThat(failed.add(origin, cause)).isTrue();
    assertThatThrownBy(() -> live.read(record("a", 1_000 * NOW, NOW), at(9)))
        .isInstanceOf(PoisonRecordException.class)
        .hasMessage("failed 3 times, last with: refused");
    assertThat(live.read(record("a", 1_000 * NOW, NOW), at(10)).camera()).isEqualTo("a");
  }

  @Test
  void failures_ofAnotherRecordBetween_startTheCountAgain() {
    RuntimeException cause = new IllegalStateException("refused");
    failed.add(new FrameRecord.Origin("frames", 2, 9), cause);
    failed.add(new FrameRecord.Origin("frames", 2, 9), cause);
    failed.add(new FrameRecord.Origin("frames", 2, 10), cause);
    assertThat(failed.add(new FrameRecord.Origin("frames", 2, 9), cause)).isFalse();
    assertThat(failed.add(new FrameRecord.Origin("frames", 2, -1), cause)).isFalse();
  }
}
