package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.FrameId;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameMetadataTest {
  private static final FrameId ID = new FrameId("gate", 5, 7, 9);

  private static RecordHeaders headers() {
    RecordHeaders headers = new RecordHeaders();
    new FrameMetadata(ID, 480, 270, ContentType.JPEG, 1920, 1080).writeTo(headers);
    return headers;
  }

  private static ConsumerRecord<byte[], byte[]> record(byte[] key) {
    return new ConsumerRecord<>(
        "frames", 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, key, null, headers(), Optional.empty());
  }

  @Test
  void record_hasItsCameraAsKey_andTheRestInHeaders() {
    ConsumerRecord<byte[], byte[]> record = record("gate".getBytes(StandardCharsets.UTF_8));
    assertThat(FrameMetadata.of(record))
        .isEqualTo(new FrameMetadata(ID, 480, 270, ContentType.JPEG, 1920, 1080));
    assertThatThrownBy(() -> FrameMetadata.of(record(null)))
        .hasMessage("it has no key, which is the camera");
  }

  @Test
  void key_withControlCharacters_isRefused() {
    assertThatThrownBy(
            () -> FrameMetadata.of(record("gate\u001b[31m".getBytes(StandardCharsets.UTF_8))))
        .hasMessage("the key, which is the camera, must have no control characters");
  }

  @Test
  void pictureThatIsHeld_isSaidByTheContentType() {
    for (ContentType type : ContentType.values()) {
      FrameMetadata held = new FrameMetadata(ID, 480, 270, type, 1920, 1080, true);
      RecordHeaders headers = new RecordHeaders();
      held.writeTo(headers);
      assertThat(FrameMetadata.of("gate", headers)).isEqualTo(held);
      assertThat(new String(headers.lastHeader("content-type").value(), StandardCharsets.UTF_8))
          .isEqualTo("application/vnd.maskstream.held; of=\"" + type.mime() + "\"");
    }
    RecordHeaders headers = headers();
    headers.add(
        "content-type",
        "application/vnd.maskstream.held; of=\"a/b\"".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> FrameMetadata.of("gate", headers))
        .hasMessageStartingWith("header content-type must be one of ")
        .hasMessageEndingWith("is 'a/b'");
  }

  @Test
  void sourceSize_leftOut_isThatOfThePicture() {
    RecordHeaders headers = headers();
    headers.remove("source-width");
    headers.remove("source-height");
    FrameMetadata metadata = FrameMetadata.of("gate", headers);
    assertThat(metadata.sourceWidth()).isEqualTo(480);
    assertThat(metadata.sourceHeight()).isEqualTo(270);
  }

  @ParameterizedTest
  @CsvSource({
    "width, 0",
    "width, 16385",
    "width, 4294967776",
    "height, 0",
    "height, 16385",
    "source-width, 0",
    "source-width, 16385",
    "source-height, 0",
    "source-height, 16385",
    "seq, -1"
  })
  void number_outOfRange_namesTheHeader(String name, String value) {
    RecordHeaders headers = headers();
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> FrameMetadata.of("gate", headers))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("header " + name + " must be ")
        .hasMessageEndingWith("is " + value);
  }

  @ParameterizedTest
  @CsvSource({"seq", "epoch", "capture-micros", "width", "height", "content-type"})
  void header_missingOrWithoutValue_isNamed(String name) {
    RecordHeaders headers = headers();
    headers.remove(name);
    assertThatThrownBy(() -> FrameMetadata.of("gate", headers))
        .hasMessage("a frame record needs the header " + name);
    headers.add(name, null);
    assertThatThrownBy(() -> FrameMetadata.of("gate", headers))
        .hasMessage("a frame record needs the header " + name);
  }

  @Test
  void sides_mayBeAsLargeAs16384() {
    FrameMetadata wide = new FrameMetadata(ID, 16_384, 1, ContentType.PNG, 16_384, 16_384);
    assertThat(wide.width()).isEqualTo(16_384);
    assertThat(new FrameMetadata(ID, 8_000, 5_000, ContentType.PNG).height()).isEqualTo(5_000);
  }

  @Test
  void printable_isShortAndWithoutControlCharacters() {
    assertThat(FrameMetadata.printable("a\u0000b\nc")).isEqualTo("a?b?c");
    assertThat(FrameMetadata.printable("x".repeat(60))).isEqualTo("x".repeat(60));
    assertThat(FrameMetadata.printable("x".repeat(61))).isEqualTo("x".repeat(60) + "…");
  }
}
