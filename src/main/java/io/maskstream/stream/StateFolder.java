package io.maskstream.stream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a worker keeps its local state; a temporary folder ends with the worker. */
final class StateFolder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StateFolder.class);

  private final Path path;
  private final boolean temporary;

  private StateFolder(Path path, boolean temporary) {
    this.path = path;
    this.temporary = temporary;
  }

  static StateFolder open(Optional<Path> configured) throws IOException {
    return configured.isPresent()
        ? new StateFolder(Files.createDirectories(configured.get()), false)
        : new StateFolder(Files.createTempDirectory("maskstream-state"), true);
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    if (!temporary) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      log.warn("the temporary folder {} could not be deleted", path, e);
    }
  }
}
