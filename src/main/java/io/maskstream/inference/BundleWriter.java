package io.maskstream.inference;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes a model bundle to disk. */
public final class BundleWriter {

  private BundleWriter() {}

  /**
   * Writes card and graph into a folder, which is made where it is missing. What a bundle with
   * another graph left there is deleted: its integers, weights, plans and checksums.
   *
   * @throws IOException also where a graph lies there that is no bundle's
   */
  public static void write(Path folder, ModelCard card, byte[] graph) throws IOException {
    requireNoOther(folder);
    if (Files.exists(folder.resolve(ModelBundle.CARD)) && !holds(folder, graph)) {
      Files.deleteIfExists(folder.resolve(ModelBundle.WEIGHTS));
    }
    writeBesideWeights(folder, card, graph);
  }

  /** Refuses a folder with a graph that is no bundle's and would be overwritten. */
  public static void requireNoOther(Path folder) throws IOException {
    Path graph = folder.resolve(ModelBundle.GRAPH);
    if (Files.exists(graph) && !Files.exists(folder.resolve(ModelBundle.CARD))) {
      throw new IOException(
          "%s would be overwritten, and is not a bundle's: there is no %s beside it"
              .formatted(graph, ModelBundle.CARD));
    }
  }

  /** Writes a bundle into the folder of a training, whose weights stay. */
  public static void writeBesideWeights(Path folder, ModelCard card, byte[] graph)
      throws IOException {
    if (!holds(folder, graph)) {
      Files.deleteIfExists(folder.resolve(Checksums.FILE));
      Files.deleteIfExists(folder.resolve(ModelBundle.INTEGER_GRAPH));
      deletePlans(folder.resolve(ModelBundle.PLANS));
    }
    writeCard(folder, card);
    Files.write(folder.resolve(ModelBundle.GRAPH), graph);
    seal(folder);
  }

  private static boolean holds(Path folder, byte[] graph) throws IOException {
    Path former = folder.resolve(ModelBundle.GRAPH);
    return Files.isRegularFile(former)
        && Files.size(former) == graph.length
        && Arrays.equals(Files.readAllBytes(former), graph);
  }

  /** The timings of layers stay: they help the next plan. */
  private static void deletePlans(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> plans = Files.newDirectoryStream(folder, "*.{plan,plan.lock}")) {
      for (Path plan : plans) {
        Files.delete(plan);
      }
    }
  }

  /** Notes the checksums of what lies in a folder now; after a change of its files. */
  public static void seal(Path folder) throws IOException {
    Checksums.write(folder);
  }

  /** Writes the card alone. */
  public static void writeCard(Path folder, ModelCard card) throws IOException {
    Files.createDirectories(folder);
    YAMLFactory yaml =
        YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build();
    new ObjectMapper(yaml).writeValue(folder.resolve(ModelBundle.CARD).toFile(), card);
  }
}
