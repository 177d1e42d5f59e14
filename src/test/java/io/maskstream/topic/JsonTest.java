package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  @ParameterizedTest
  @ValueSource(strings = {"null", " null ", "", "[]", "{", "7"})
  void whatIsNoRecord_isRefused(String text) {
    byte[] json = text.getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Json.read(json, DropRecord.class))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("not a DropRecord");
  }
}
