package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.stream.DeadLetters.Letter;
import io.maskstream.stream.FrameRecord.Origin;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
  private static final byte[] KEY = {1};
  private static final Origin ORIGIN = new Origin("frames", 2, 77);
  private static final int MAX = 10_000;

  private static Letter letter(int valueBytes, int headerBytes, String failure) {
    Headers headers = new RecordHeaders().add("mine", new byte[headerBytes]);
    return DeadLetters.of(new Letter(KEY, new byte[valueBytes], headers), ORIGIN, failure, MAX);
  }

  private static String header(Letter letter, String name) {
    Header header = letter.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  @Test
  void record_isThereAsItCame_withItsFailure() {
    Letter letter = letter(9_000, 10, "no picture");
    assertThat(letter.key()).isEqualTo(KEY);
    assertThat(letter.value()).hasSize(9_000);
    assertThat(letter.headers().lastHeader("mine").value()).hasSize(10);
    assertThat(header(letter, "failure")).isEqualTo("no picture");
    assertThat(header(letter, "failure-topic")).isEqualTo("frames");
    assertThat(header(letter, "failure-partition")).isEqualTo("2");
    assertThat(header(letter, "failure-offset")).isEqualTo("77");
    assertThat(header(letter, "failure-value-bytes")).isEmpty();
  }

  @Test
  void recordThatWouldBeTooLarge_isWithoutItsValue() {
    Letter letter = letter(MAX - 10, 10, "no picture");
    assertThat(letter.key()).isEqualTo(KEY);
    assertThat(letter.value()).isEmpty();
    assertThat(header(letter, "failure-value-bytes")).isEqualTo("9990");
    assertThat(letter.headers().lastHeader("mine").value()).hasSize(10);
  }

  @Test
  void recordWhoseHeadersAreTooLarge_isWithoutThem() {
    Letter letter = letter(5, MAX, "no picture");
    assertThat(letter.value()).isEmpty();
    assertThat(letter.headers().lastHeader("mine")).isNull();
    assertThat(header(letter, "failure")).isEqualTo("no picture");
    assertThat(header(letter, "failure-record-bytes")).isNotEmpty();
  }

  @Test
  void failureThatQuotesMuch_isShort() {
    assertThat(header(letter(5, 5, "x".repeat(50_000)), "failure")).hasSize(1_001);
  }
}
