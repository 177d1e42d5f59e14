package io.maskstream.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the documentation says of commands, links, classes and figures. */
class DocumentationTest {
  private static final Pattern LAUNCHER = Pattern.compile("\\./maskstream|\\S*bin/maskstream");
  private static final Pattern CLASS =
      Pattern.compile("((?:[a-z]+\\.)*)([A-Z]\\w+)(?:\\.([a-z]\\w*))?");
  private static final Pattern TEST_METHOD = Pattern.compile("[a-z]\\w*_\\w+");
  private static final Pattern FIGURE_ROW =
      Pattern.compile("(?m)^\\|.*\\| *\\d+\\.\\d+( ± [\\d.]+| M)? *\\|");
  private static final Pattern MEASURES = Pattern.compile("\\./(maskstream|mvnw) ");

  static List<MarkdownPage> pages() throws IOException {
    return MarkdownPage.all();
  }

  /** Arguments of our program in a command line, if it is one. */
  private static Optional<String[]> arguments(String command) {
    List<String> words = MarkdownPage.words(command);
    for (int i = 0; i < words.size() - 1; i++) {
      if (LAUNCHER.matcher(words.get(i)).matches()) {
        return Optional.of(words.subList(i + 1, words.size()).toArray(String[]::new));
      }
    }
    return Optional.empty();
  }

  private static boolean names(String word) {
    return Maskstream.commandLine().getSubcommands().containsKey(word);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void commands_parse(MarkdownPage page) {
    for (String command : page.commands()) {
      arguments(command)
          .ifPresent(
              words -> {
                if (words.length == 1 && names(words[0])) {
                  return; // a command by its name
                }
                try {
                  var unused = Maskstream.commandLine().parseArgs(words);
                } catch (CommandLine.ParameterException e) {
                  throw new AssertionError(
                      "%s: %s: %s".formatted(page.file(), command, e.getMessage()), e);
                }
              });
    }
  }

  @Test
  void commands_areFoundWhereTheyStand() {
    MarkdownPage page =
        new MarkdownPage(
            Path.of("x.md"),
            """
            Try `./maskstream topics FILE` or
            ```sh
            A=b ./maskstream eval --data x\\
                --json      # with a comment
            tar -xf x && x/bin/maskstream demo --seconds 5 | tail
            ```
            """);
    assertThat(page.commands())
        .containsExactly(
            "A=b ./maskstream eval --data x --json",
            "tar -xf x",
            "x/bin/maskstream demo --seconds 5",
            "tail",
            "./maskstream topics FILE");
    assertThat(arguments(page.commands().get(2)).orElseThrow())
        .containsExactly("demo", "--seconds", "5");
    assertThatThrownBy(() -> commands_parse(page))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("topics FILE");
  }

  /** The table of commands in the README: every command, and only options that there are. */
  @Test
  void commandTable_namesCommandsAndOptionsThatThereAre() throws IOException {
    MarkdownPage readme = MarkdownPage.read(Path.of("README.md"));
    String section =
        readme.sections().stream()
            .filter(part -> part.startsWith("## Commands"))
            .findFirst()
            .orElseThrow();
    Map<String, CommandLine> commands = Maskstream.commandLine().getSubcommands();
    TreeSet<String> named = new TreeSet<>();
    for (String row : section.lines().filter(line -> line.startsWith("| `")).toList()) {
      String cell = row.substring(0, row.indexOf(" | "));
      for (String usage : new MarkdownPage(readme.file(), cell).code()) {
        List<String> words = MarkdownPage.words(usage.replaceAll("[\\[\\]]", " "));
        CommandLine command = commands.get(words.get(0));
        assertThat(command).as(usage).isNotNull();
        named.add(words.get(0));
        CommandLine inner =
            command.getSubcommands().getOrDefault(words.get(1 % words.size()), command);
        assertThat(words.stream().filter(word -> word.startsWith("--")))
            .as(usage)
            .allMatch(option -> inner.getCommandSpec().findOption(option) != null);
      }
    }
    TreeSet<String> all = new TreeSet<>(commands.keySet());
    all.remove("help");
    assertThat(named).isEqualTo(all);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void localLinks_resolve(MarkdownPage page) throws IOException {
    Path folder = Optional.ofNullable(page.file().getParent()).orElse(Path.of(""));
    for (String link : page.localLinks()) {
      String[] parts = link.split("#", 2);
      Path target = parts[0].isEmpty() ? page.file() : folder.resolve(parts[0]).normalize();
      assertThat(target).as("%s: %s", page.file(), link).exists();
      if (parts.length == 2) {
        assertThat(MarkdownPage.read(target).anchors())
            .as("%s: %s", page.file(), link)
            .contains(parts[1]);
      }
    }
  }

  @Test
  void anchors_areAsGitHubMakesThem() {
    MarkdownPage page =
        new MarkdownPage(Path.of("x.md"), "# `kafka` & co.\n\n## A b-c\n\n## A b-c\n");
    assertThat(page.anchors()).containsExactly("kafka--co", "a-b-c", "a-b-c-1");
  }

  /** Source files by class name. */
  private static Map<String, List<Path>> sources() throws IOException {
    Map<String, List<Path>> sources = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(
              file ->
                  sources
                      .computeIfAbsent(
                          file.getFileName().toString().replace(".java", ""),
                          name -> new ArrayList<>())
                      .add(file));
    }
    return sources;
  }

  private static boolean holds(Path source, String packages, String member) {
    try {
      String path = source.toString().replace('\\', '/');
      boolean placed = path.contains("/" + packages.replace('.', '/') + source.getFileName());
      String declaration = "\\b" + Pattern.quote(member) + " *[(),;=]";
      return placed
          && (member.isEmpty()
              || Pattern.compile(declaration).matcher(Files.readString(source)).find());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** What {@code docs/methods.md} names and there is not. */
  static List<String> unknownCode(MarkdownPage page) throws IOException {
    Map<String, List<Path>> sources = sources();
    List<String> unknown = new ArrayList<>();
    for (String code : page.code()) {
      var named = CLASS.matcher(code);
      if (named.matches()) {
        String member = Optional.ofNullable(named.group(3)).orElse("");
        List<Path> found = sources.getOrDefault(named.group(2), List.of());
        if (found.stream().noneMatch(file -> holds(file, named.group(1), member))) {
          unknown.add(code);
        }
      } else if (TEST_METHOD.matcher(code).matches()) {
        if (sources.values().stream()
            .flatMap(List::stream)
            .noneMatch(file -> holds(file, "", code))) {
          unknown.add(code);
        }
      } else if (code.contains("…")) {
        unknown.add(code);
      }
    }
    return unknown;
  }

  @Test
  void methods_namesClassesAndMethodsThatThereAre() throws IOException {
    MarkdownPage page = MarkdownPage.read(Path.of("docs/methods.md"));
    assertThat(page.code().stream().filter(code -> CLASS.matcher(code).matches()))
        .hasSizeGreaterThan(30);
    assertThat(unknownCode(page)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "`Nowhere`",
        "`frame.ClassTable.nothing`",
        "`topic.ClassTable`",
        "`a_test_of_none`",
        "`…gradient`"
      })
  void methods_thatAreNotThere_areFound(String text) throws IOException {
    assertThat(unknownCode(new MarkdownPage(Path.of("x.md"), text))).hasSize(1);
  }

  /** A table of figures stands beside the command that gave them. */
  @ParameterizedTest
  @MethodSource("pages")
  void figures_nameTheirCommand(MarkdownPage page) {
    for (String section : page.sections()) {
      if (FIGURE_ROW.matcher(section).find()) {
        assertThat(MEASURES.matcher(section).find())
            .as("%s: %s", page.file(), section.lines().findFirst().orElse(""))
            .isTrue();
      }
    }
  }

  @Test
  void measuredTable_hasACommandInEveryRow() throws IOException {
    String section =
        MarkdownPage.read(Path.of("README.md")).sections().stream()
            .filter(part -> part.startsWith("## Measured"))
            .findFirst()
            .orElseThrow();
    List<String> rows = section.lines().filter(line -> line.startsWith("| ")).skip(1).toList();
    assertThat(rows).isNotEmpty();
    assertThat(rows).allMatch(row -> Arrays.asList(row.split(" \\| ")).get(2).startsWith("`./"));
  }
}
