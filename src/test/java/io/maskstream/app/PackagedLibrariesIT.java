package io.maskstream.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What src/build/libraries.xml leaves out is natives of other platforms and data, no classes. */
class PackagedLibrariesIT {

  private static Set<String> classes(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream()
          .map(JarEntry::getName)
          .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void librariesThatAreCutDown_haveAllTheirClasses() throws IOException {
    List<Path> originals =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .toList();
    int cutDown = 0;
    for (Path original : originals) {
      Path packaged = Path.of("target/lib").resolve(original.getFileName());
      if (Files.exists(packaged) && Files.size(packaged) != Files.size(original)) {
        cutDown++;
        assertThat(classes(packaged)).as(packaged.toString()).isEqualTo(classes(original));
      }
    }
    assertThat(cutDown).isPositive();
  }
}
