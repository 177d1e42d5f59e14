package io.maskstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Says how many tests the run leaves out, by tag: nothing is skipped in silence. */
class LeftOutTestsTest {

  @Test
  void leftOutTests_areCounted() {
    Map<String, Long> counts = new TreeMap<>();
    new ClassFileImporter()
        .importPackages("io.maskstream").stream()
            .flatMap(c -> c.getMethods().stream())
            .filter(m -> m.isAnnotatedWith(Test.class))
            .forEach(
                m -> {
                  if (m.isAnnotatedWith(Tag.class)) {
                    counts.merge(m.getAnnotationOfType(Tag.class).value(), 1L, Long::sum);
                  }
                });
    String excluded = System.getProperty("maskstream.excludedTags", "");
    counts.forEach(
        (tag, count) -> {
          boolean out = java.util.List.of(excluded.split(",")).contains(tag);
          System.out.printf("%s tests tagged '%s': %d%n", out ? "left out" : "ran", tag, count);
        });
    assertThat(excluded).doesNotContain(" ");
  }
}
