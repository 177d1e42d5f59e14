package io.maskstream.app.option;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.config.ConfigException;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.SegmentationClass;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Class tables by name or from a file: a table in YAML, a list of names (one per line), or the
 * configuration of a Hugging Face checkpoint, whose {@code id2label} names the classes.
 */
public final class ClassTables {

  /** Tables that come with the program. */
  public static final List<String> SHIPPED = List.of("camvid", "cityscapes", "ade20k");

  private ClassTables() {}

  /** A shipped table, or that of a file. */
  public static ClassTable read(String nameOrFile) throws IOException, ConfigException {
    return labeled(nameOrFile).table();
  }

  /** The same with the values of its classes in label pictures, where a YAML file gives them. */
  public static LabelScheme labeled(String nameOrFile) throws IOException, ConfigException {
    if (nameOrFile.equals("camvid")) {
      return LabelScheme.ofIds(ClassTable.camvid11());
    }
    if (SHIPPED.contains(nameOrFile)) {
      return LabelScheme.parse(nameOrFile, shipped(nameOrFile));
    }
    Path file = Path.of(nameOrFile);
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          "no such class table: %s; it is a file or one of %s".formatted(nameOrFile, SHIPPED));
    }
    String text = Files.readString(file);
    if (nameOrFile.endsWith(".json")) {
      return LabelScheme.ofIds(ofHuggingFace(file, text));
    }
    boolean yaml = nameOrFile.endsWith(".yaml") || nameOrFile.endsWith(".yml");
    return yaml
        ? LabelScheme.parse(nameOrFile, text)
        : LabelScheme.ofIds(named(stem(file), text.lines().toList()));
  }

  /** Classes that have no names: {@code class 0}, {@code class 1} and so on. */
  public static ClassTable numbered(int classes) {
    return named(
        "numbered" + classes, IntStream.range(0, classes).mapToObj(k -> "class " + k).toList());
  }

  private static String shipped(String name) throws IOException {
    String resource = "/classtables/" + name + ".yaml";
    try (InputStream stream = ClassTables.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException("the program lacks " + resource);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static ClassTable ofHuggingFace(Path file, String text) throws IOException {
    JsonNode labels;
    try {
      labels = new ObjectMapper().readTree(text).path("id2label");
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
    List<String> names = new ArrayList<>();
    while (labels.has(Integer.toString(names.size()))) {
      names.add(labels.get(Integer.toString(names.size())).asText());
    }
    if (names.isEmpty()) {
      throw new IOException(file + " has no id2label with class names by number");
    }
    return named(stem(Objects.requireNonNull(file.toAbsolutePath().getParent())), names);
  }

  private static ClassTable named(String id, List<String> lines) {
    List<SegmentationClass> classes = new ArrayList<>();
    for (String line : lines) {
      if (!line.isBlank()) {
        classes.add(
            new SegmentationClass(
                line.strip(), SegmentationClass.distinctColor(classes.size()), "other"));
      }
    }
    return new ClassTable(id, classes);
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
