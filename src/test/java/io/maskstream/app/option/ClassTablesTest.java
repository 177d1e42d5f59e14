package io.maskstream.app.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Class tables that users write. */
class ClassTablesTest {
  @TempDir private Path folder;

  private String file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text).toString();
  }

  @Test
  void id_ofAFileOfNames_tellsTablesApart() throws Exception {
    String first = ClassTables.read(file("a/classes.txt", "road\ncar\n")).id();
    assertThat(first).matches("classes-[0-9a-f]{8}");
    assertThat(ClassTables.read(file("b/classes.txt", "road\nlorry\n")).id()).isNotEqualTo(first);
    assertThat(ClassTables.read(file("c/classes.txt", " road\r\n\r\ncar")).id()).isEqualTo(first);
    String config = "{\"id2label\": {\"0\": \"road\", \"1\": \"car\"}}";
    assertThat(ClassTables.read(file("net/config.json", config)).id())
        .isEqualTo(first.replace("classes", "net"));
    assertThat(ClassTables.read(file("t.yaml", "id: own\nclasses: [{name: a}, {name: b}]")).id())
        .isEqualTo("own");
    assertThat(ClassTables.numbered(5).id()).isEqualTo("numbered5");
  }

  @Test
  void read_byteOrderMark_isNoPartOfAName() throws Exception {
    assertThat(ClassTables.read(file("classes.txt", "\uFEFFroad\ncar\n")).name(0))
        .isEqualTo("road");
  }

  @Test
  void read_otherEncoding_saysWhichItMustBe() throws Exception {
    Path file = folder.resolve("classes.txt");
    Files.write(file, "stra\u00DFe\ncar\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> ClassTables.read(file.toString()))
        .isInstanceOf(IOException.class)
        .hasMessage(file + " is not UTF-8; save it in this encoding");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "c.txt       | road;car;road                              | names a class twice: road",
        "c.yaml      | id: a;classes: [{name: a}, {name: ''}]      | class 1 has no name",
        "config.json | {\"id2label\": {\"1\": \"a\", \"2\": \"b\"}} | from 0 on without gaps, there is no name for 0",
        "config.json | {\"id2label\": {\"0\": \"a\", \"2\": \"b\"}} | there is no name for 1",
        "config.json | {\"id2label\": {\"0\": \"a\", \"1\": \"\"}}  | there is no name for 1",
      },
      quoteCharacter = '`')
  void read_whatIsNoTable_saysWhy(String name, String text, String message) throws Exception {
    String file = file(name, text.replace(';', '\n'));
    assertThatThrownBy(() -> ClassTables.read(file)).hasMessageContaining(message);
  }
}
