package io.maskstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Says how many tests the run leaves out, by tag: nothing is skipped in silence. */
class LeftOutTestsTest {
  private static final Pattern DECLARED = Pattern.compile("<without\\.(\\w+)>,?\\w+</");

  /** Tags of a method and of its class. */
  private static Stream<String> tags(JavaMethod method) {
    return Stream.of(
            method.tryGetAnnotationOfType(Tag.class),
            method.getOwner().tryGetAnnotationOfType(Tag.class))
        .flatMap(tag -> tag.stream())
        .map(Tag::value);
  }

  private static Map<String, Long> testsByTag() {
    Map<String, Long> counts = new TreeMap<>();
    OwnClasses.beside(LeftOutTestsTest.class).stream()
        .flatMap(type -> type.getMethods().stream())
        .filter(
            method ->
                method.isAnnotatedWith(Test.class)
                    || method.isAnnotatedWith(ParameterizedTest.class))
        .flatMap(LeftOutTestsTest::tags)
        .forEach(tag -> counts.merge(tag, 1L, Long::sum));
    return counts;
  }

  /** A tag that the build does not declare would run everywhere; one without tests is misspelt. */
  @Test
  void tags_areThoseThatTheBuildDeclaresAndCounted() throws IOException {
    Map<String, Long> counts = testsByTag();
    List<String> declared =
        DECLARED
            .matcher(Files.readString(Path.of("pom.xml")))
            .results()
            .map((MatchResult found) -> found.group(1))
            .toList();
    assertThat(counts.keySet()).containsExactlyInAnyOrderElementsOf(declared);

    List<String> excluded =
        Arrays.stream(System.getProperty("maskstream.excludedTags", "").split(","))
            .filter(tag -> !tag.isEmpty() && !tag.equals("none"))
            .toList();
    assertThat(counts.keySet()).containsAll(excluded);
    counts.forEach(
        (tag, count) ->
            System.out.printf(
                "%s tests tagged '%s': %d%n",
                excluded.contains(tag) ? "left out" : "ran", tag, count));
  }
}
