package io.maskstream.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of the documentation, taken apart as far as its tests need it. */
record MarkdownPage(Path file, String text) {
  private static final Pattern FENCE = Pattern.compile("(?ms)^ *```(\\w*)\\n(.*?)^ *```");
  private static final Pattern CODE = Pattern.compile("`([^`\n]+(?:\n[^`\n]+)?)`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
  private static final Pattern TOKEN = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

  static MarkdownPage read(Path file) throws IOException {
    return new MarkdownPage(file, Files.readString(file));
  }

  /** All pages of the repository. */
  static List<MarkdownPage> all() throws IOException {
    List<MarkdownPage> pages = new ArrayList<>();
    for (String folder : List.of("", "docs", "docker/models")) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
          pages.add(read(file));
        }
      }
    }
    return pages;
  }

  /** The text without fenced blocks. */
  String prose() {
    return FENCE.matcher(text).replaceAll("");
  }

  /** Inline code, one line each. */
  List<String> code() {
    return CODE.matcher(prose())
        .results()
        .map(found -> found.group(1).replaceAll("\\s+", " "))
        .toList();
  }

  /** Targets of links and pictures that are not on the web. */
  List<String> localLinks() {
    return LINK.matcher(prose())
        .results()
        .map(found -> found.group(1))
        .filter(target -> !target.matches("(https?|mailto):.*"))
        .toList();
  }

  /** Names by which links point to headings, as GitHub makes them. */
  Set<String> anchors() {
    Set<String> anchors = new LinkedHashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    HEADING
        .matcher(prose())
        .results()
        .forEach(
            found -> {
              String name =
                  found
                      .group(1)
                      .toLowerCase(Locale.ROOT)
                      .replaceAll("[^\\p{L}\\p{N} _-]", "")
                      .replace(' ', '-');
              int before = seen.merge(name, 1, Integer::sum) - 1;
              anchors.add(before == 0 ? name : name + "-" + before);
            });
    return anchors;
  }

  /** Sections with their headings; the text before the first heading is one, too. */
  List<String> sections() {
    return Arrays.asList(text.split("(?m)^(?=#{1,6} )"));
  }

  /** Shell commands of fenced blocks and inline code, comments and continuations resolved. */
  List<String> commands() {
    Stream<String> fenced =
        FENCE
            .matcher(text)
            .results()
            .filter(found -> found.group(1).equals("sh"))
            .map(found -> found.group(2).replaceAll("\\s*\\\\\\n\\s*", " "))
            .flatMap(String::lines);
    return Stream.concat(fenced, code().stream())
        .map(line -> line.replaceAll("\\s+#.*$", "").strip())
        .flatMap(line -> Arrays.stream(line.split("\\s+(?:&&|\\|)\\s+")))
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** Words of a command line; quotes hold words together. */
  static List<String> words(String command) {
    return TOKEN.matcher(command).results().map(MarkdownPage::unquoted).toList();
  }

  private static String unquoted(MatchResult found) {
    return Stream.of(found.group(1), found.group(2), found.group(3))
        .filter(part -> part != null)
        .findFirst()
        .orElseThrow();
  }
}
