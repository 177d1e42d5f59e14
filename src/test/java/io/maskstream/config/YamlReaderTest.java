package io.maskstream.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlReaderTest {

  enum Mode {
    FAST,
    VERY_SLOW
  }

  record Inner(@Key("Rate.") double rate) {
    Inner {
      if (rate <= 0) {
        throw new IllegalArgumentException("rate must be above 0, is " + rate);
      }
    }
  }

  record Outer(
      @Key("Name.") String name,
      @Key(value = "Mode.", defaultValue = "fast") Mode mode,
      @Key(value = "Wait.", defaultValue = "500ms") Duration delay,
      @Key("Bound.") Optional<Integer> bound,
      @Key(value = "Limit.", defaultValue = "1s") Optional<Duration> limit,
      @Key(value = "Parts.", defaultValue = "[]") List<Inner> parts,
      @Key(value = "Settings.", defaultValue = "{}") Map<String, String> settings) {}

  private static Outer read(String yaml) throws ConfigException {
    return YamlReader.parse("test.yaml", yaml, Outer.class, Map.of("SECRET", "hunter2"));
  }

  @Test
  void parse_defaultsAndVariables_areFilledIn() throws ConfigException {
    Outer outer =
        read("name: a\nmode: very-slow\nsettings: {password: '${SECRET}'}\nparts: [{rate: 2}]");
    assertThat(outer.mode()).isEqualTo(Mode.VERY_SLOW);
    assertThat(outer.delay()).isEqualTo(Duration.ofMillis(500));
    assertThat(outer.bound()).isEmpty();
    assertThat(outer.parts()).containsExactly(new Inner(2));
    assertThat(outer.settings()).containsEntry("password", "hunter2");
  }

  @Test
  void parse_manyMistakes_areAllReportedWithPathValueAndRule() {
    String yaml =
        """
        nmae: a
        mode: fats
        delay: 5 minutes
        bound: many
        parts: [{rate: -1}, {rat: 3}]
        settings: {key: '${NOT_SET}'}
        """;
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e ->
                assertThat(e.problems())
                    .anySatisfy(
                        p -> assertThat(p).startsWith("nmae:").contains("did you mean 'name'?"))
                    .anySatisfy(p -> assertThat(p).isEqualTo("name: must be given"))
                    .anySatisfy(
                        p ->
                            assertThat(p)
                                .startsWith("mode:")
                                .contains("'fats'")
                                .contains("did you mean 'fast'?"))
                    .anySatisfy(p -> assertThat(p).startsWith("delay:").contains("'5 minutes'"))
                    .anySatisfy(p -> assertThat(p).startsWith("bound:").contains("'many'"))
                    .anySatisfy(
                        p -> assertThat(p).isEqualTo("parts[0]: rate must be above 0, is -1.0"))
                    .anySatisfy(p -> assertThat(p).startsWith("parts[1].rat:"))
                    .anySatisfy(
                        p -> assertThat(p).startsWith("settings.key:").contains("NOT_SET")));
  }

  private static void refused(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml.replace("\\n", "\n")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'name: a\nname: b'|Duplicate field 'name'",
        "'name: a\n---\nname: b'|a second document",
        "'name: &x a\nmode: *x'|anchors and aliases",
        "'name: a\nparts: [{rate: .NaN}]'|parts[0].rate: must be a number, is '.NaN'",
        "'name: a\nparts: [{rate: Infinity}]'|parts[0].rate: must be a finite number",
        "'name: a\ndelay: 99999999999d'|delay: must be a time of at most 3650d",
        "'name: a\ndelay: 99999999999999999999s'|delay: must be a time of at most 3650d",
        "'name: a\nbound: 99999999999'|bound: must be a whole number",
        "'name: a\nbound: ${SECRET}'|bound: must be a whole number, is '${SECRET}'"
      })
  void parse_whatAConfigurationMustNotHave_isNamed(String yaml, String message) {
    refused(yaml, message);
  }

  /** YAML alone makes numbers and truth values of them. */
  @ParameterizedTest
  @CsvSource({"010", "1.10", "2e5", "on", "off", "0x1F", "1_2", "true", "No", "-7"})
  void parse_texts_areAsWritten(String text) throws ConfigException {
    Outer outer = read("name: %s\nsettings: {%s: %s}".formatted(text, text, text));
    assertThat(outer.name()).isEqualTo(text);
    assertThat(outer.settings()).containsExactly(Map.entry(text, text));
  }

  record Switch(@Key("On.") boolean on) {}

  @ParameterizedTest
  @CsvSource({"true,true", "Yes,true", "ON,true", "false,false", "no,false", "off,false"})
  void parse_truthValues_areThoseOfYaml(String text, boolean value) throws ConfigException {
    assertThat(YamlReader.parse("s", "on: " + text, Switch.class, Map.of()).on()).isEqualTo(value);
  }

  @Test
  void parse_numbersWithUnderscores() throws ConfigException {
    Outer outer = read("name: a\nbound: 1_000\nparts: [{rate: 1_0.5}]");
    assertThat(outer.bound()).contains(1_000);
    assertThat(outer.parts()).containsExactly(new Inner(10.5));
  }

  record Ranges(@Key("A.") int a, @Key("B.") int b, @Key(value = "C.", defaultValue = "1") int c) {
    Ranges {
      Checks.require(a > 0, "a must be above 0, is " + a);
      Checks.require(b > 0, "b must be above 0, is " + b);
      Checks.require(c == 10 / Math.max(0, a) - 9, "never seen: dividing by 0 comes first");
    }
  }

  @Test
  void parse_allRulesOfABlock_areReported() {
    assertThatThrownBy(() -> YamlReader.parse("r", "{a: 0, b: -1}", Ranges.class, Map.of()))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e ->
                assertThat(e.problems())
                    .containsExactly("a must be above 0, is 0", "b must be above 0, is -1"));
    assertThatThrownBy(() -> new Ranges(0, -1, 1)).hasMessage("a must be above 0, is 0");
  }

  /** A value that is at the wrong place may be a password. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'name: a\nparts: {rate: rtsp://u:hunter2@h/s}'|parts: must be a list, is a block of keys",
        "'name: a\nparts: [rtsp://u:hunter2@h/s]'|parts[0]: must be a block of keys, is a single value",
        "'name: a\nsettings: [p=hunter2]'|settings: must be a block of keys, is a list",
        "'name: a\nsettings: {p: {q: hunter2}}'|settings.p: must be a single value, is a block of keys",
        "'name: a\nrtsp://u:hunter2@h/s: b'|(a text): is not a key here",
        "'name: a\nsettings: {p: rtsp://u:hunter2@h: b}'|not YAML: while parsing a flow mapping",
        "'name: a\nurl: \"rtsp://u:hunter2@h'|not YAML: while scanning a quoted scalar"
      })
  void parse_valuesAtWrongPlaces_areNotShown(String yaml, String message) {
    refused(yaml, message);
  }

  record WithSecret(@Key("S.") Secret s) {}

  @Test
  void parse_filesOfSecrets_areSmallAndRegular(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("s"), "hunter2\nmore");
    assertThat(secret(file).s().value()).isEqualTo("hunter2");
    assertThatThrownBy(() -> secret(folder)).hasMessageContaining(folder + " is no regular file");
    assertThatThrownBy(() -> secret(folder.resolve("t"))).hasMessageContaining("does not exist");
    Files.write(file, new byte[100_000]);
    assertThatThrownBy(() -> secret(file))
        .hasMessageContaining(file + " must have at most 65536 bytes, has 100000");
    Files.write(file, new byte[] {(byte) 0xFF});
    assertThatThrownBy(() -> secret(file)).hasMessageContaining(file + " is no text in UTF-8");
    assertThatThrownBy(() -> YamlReader.read(file, WithSecret.class, Map.of()))
        .hasMessage(file + " is no text in UTF-8");
  }

  private static WithSecret secret(Path file) throws ConfigException {
    return YamlReader.parse("s", "s: {file: '" + file + "'}", WithSecret.class, Map.of());
  }

  @Test
  void parse_none_leavesOutWhatHasADefault() throws ConfigException {
    assertThat(read("name: a").limit()).contains(Duration.ofSeconds(1));
    assertThat(read("{name: a, limit: none}").limit()).isEmpty();
  }

  @Test
  void defaults_withGivenValues_areThoseOfTheKeys() {
    Outer outer = YamlReader.defaults(Outer.class, Map.of("name", "a", "mode", Mode.VERY_SLOW));
    assertThat(outer.mode()).isEqualTo(Mode.VERY_SLOW);
    assertThat(outer.parts()).isEmpty();
    assertThat(outer.delay()).isEqualTo(Duration.ofMillis(500));
    assertThatThrownBy(() -> YamlReader.defaults(Outer.class, Map.of("mode", "fast")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("name: must be given");
  }

  @Test
  void parse_noYaml_saysWhere() {
    assertThatThrownBy(() -> read("name: [a\nb: c"))
        .hasMessageContaining("test.yaml has 1 mistake")
        .hasMessageContaining("not YAML");
  }
}
