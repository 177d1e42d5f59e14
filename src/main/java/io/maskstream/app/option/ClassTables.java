package io.maskstream.app.option;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.config.ConfigException;
import io.maskstream.config.Key;
import io.maskstream.config.YamlReader;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.SegmentationClass;
import java.awt.Color;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Class tables by name or from a file: a table in YAML, a list of names (one per line), or the
 * configuration of a Hugging Face checkpoint, whose {@code id2label} names the classes.
 */
public final class ClassTables {

  /** Tables that come with the program. */
  public static final List<String> SHIPPED = List.of("camvid", "cityscapes", "ade20k");

  /** Turn of the hue from class to class; the golden ratio keeps neighbours apart. */
  private static final float HUE_STEP = 0.618034f;

  private static final float SATURATION = 0.65f;
  private static final float BRIGHTNESS = 0.9f;
  private static final int RGB = 0xFFFFFF;

  /** The file. */
  private record Table(
      @Key("Name of the table in records.") String id,
      @Key("The classes in the order of their ids.") List<Entry> classes) {}

  private record Entry(
      @Key("Unique name.") String name,
      @Key("Color for drawing, such as '#804080'; chosen where it is left out.")
          Optional<String> color,
      @Key(value = "Group, such as vehicle.", defaultValue = "other") String group) {}

  private ClassTables() {}

  /** A shipped table, or that of a file. */
  public static ClassTable read(String nameOrFile) throws IOException, ConfigException {
    if (nameOrFile.equals("camvid")) {
      return ClassTable.camvid11();
    }
    if (SHIPPED.contains(nameOrFile)) {
      return ofYaml(nameOrFile, shipped(nameOrFile));
    }
    Path file = Path.of(nameOrFile);
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          "no such class table: %s; it is a file or one of %s".formatted(nameOrFile, SHIPPED));
    }
    String text = Files.readString(file);
    if (nameOrFile.endsWith(".json")) {
      return ofHuggingFace(file, text);
    }
    boolean yaml = nameOrFile.endsWith(".yaml") || nameOrFile.endsWith(".yml");
    return yaml ? ofYaml(nameOrFile, text) : named(stem(file), text.lines().toList());
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

  private static ClassTable ofYaml(String name, String text) throws IOException, ConfigException {
    Table table = YamlReader.parse(name, text, Table.class, Map.of());
    List<SegmentationClass> classes = new ArrayList<>();
    for (Entry entry : table.classes) {
      int chosen = chosen(classes.size());
      classes.add(
          entry
              .color
              .map(color -> SegmentationClass.ofHex(entry.name, color, entry.group))
              .orElseGet(() -> new SegmentationClass(entry.name, chosen, entry.group)));
    }
    return new ClassTable(table.id, classes);
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
        classes.add(new SegmentationClass(line.strip(), chosen(classes.size()), "other"));
      }
    }
    return new ClassTable(id, classes);
  }

  private static int chosen(int index) {
    return Color.HSBtoRGB(index * HUE_STEP, SATURATION, BRIGHTNESS) & RGB;
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
