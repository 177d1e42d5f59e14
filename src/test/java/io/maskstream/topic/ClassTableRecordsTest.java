package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.maskstream.frame.ClassTable;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassTableRecordsTest {

  @Test
  void record_isReadAsTheTableItWas() {
    ClassTable table = ClassTable.camvid11();
    byte[] value = ClassTableRecords.record(new TopicNames("test"), table).value();
    assertThat(ClassTableRecords.read(value)).isEqualTo(table);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"id\": \"x\"}",
        "{\"id\": \"x\", \"classes\": [null]}",
        "{\"id\": \"x\", \"classes\": [{\"color\": \"#000000\", \"group\": \"g\"}]}",
        "{\"id\": \"x\", \"classes\": [{\"name\": \"a\", \"group\": \"g\"}]}",
        "{\"id\": \"x\", \"classes\": [{\"name\": \"a\", \"color\": \"#000000\"}]}",
        "{\"id\": \"x\", \"classes\": [{\"name\": \"a\", \"color\": \"red\", \"group\": \"g\"}]}"
      })
  void tableThatIsNone_isRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassTableRecords.read(value.getBytes(StandardCharsets.UTF_8)));
  }
}
