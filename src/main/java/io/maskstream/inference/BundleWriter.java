package io.maskstream.inference;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a model bundle to disk. */
public final class BundleWriter {

  private BundleWriter() {}

  /** Writes card and graph into a folder, which is made where it is missing. */
  public static void write(Path folder, ModelCard card, byte[] graph) throws IOException {
    writeCard(folder, card);
    Files.write(folder.resolve(ModelBundle.GRAPH), graph);
    seal(folder);
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
