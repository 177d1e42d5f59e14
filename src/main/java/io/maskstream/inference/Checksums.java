package io.maskstream.inference;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The SHA-256 of a bundle's large files, in {@code SHA256SUMS} beside them in the form of the tool
 * {@code sha256sum}: a file that was cut off or mixed up is not loaded.
 */
final class Checksums {
  static final String FILE = "SHA256SUMS";

  private static final List<String> SUMMED =
      List.of(ModelBundle.GRAPH, ModelBundle.INTEGER_GRAPH, ModelBundle.WEIGHTS);

  private static final String BETWEEN = "  ";
  private static final int BUFFER_BYTES = 1 << 16;

  private Checksums() {}

  /** Writes the sums of the files that are there. */
  static void write(Path folder) throws IOException {
    StringBuilder sums = new StringBuilder();
    for (String name : SUMMED) {
      if (Files.isRegularFile(folder.resolve(name))) {
        sums.append(sum(folder.resolve(name))).append(BETWEEN).append(name).append('\n');
      }
    }
    Files.writeString(folder.resolve(FILE), sums);
  }

  /**
   * Checks a file of a bundle; one that no sum is known of passes.
   *
   * @throws ModelException where it is not what was written
   */
  static void check(Path file) throws ModelException {
    try {
      Optional<String> expected = expected(file);
      if (expected.isPresent() && !expected.get().equals(sum(file))) {
        throw new ModelException(
            "%s is damaged or of another version: its SHA-256 is not the one in %s"
                .formatted(file, FILE));
      }
    } catch (IOException e) {
      throw new ModelException("cannot read " + e.getMessage(), e);
    }
  }

  private static Optional<String> expected(Path file) throws IOException {
    Path sums = file.resolveSibling(FILE);
    if (!Files.isRegularFile(sums)) {
      return Optional.empty();
    }
    String end = BETWEEN + file.getFileName();
    return Files.readAllLines(sums).stream()
        .filter(line -> line.endsWith(end))
        .map(line -> line.substring(0, line.length() - end.length()))
        .findFirst();
  }

  private static String sum(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[BUFFER_BYTES];
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        int read = in.read(buffer);
        while (read >= 0) {
          read = in.read(buffer);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }
}
