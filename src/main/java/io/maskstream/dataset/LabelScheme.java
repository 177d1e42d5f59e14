package io.maskstream.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.maskstream.config.ConfigException;
import io.maskstream.config.Key;
import io.maskstream.config.YamlReader;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.SegmentationClass;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A class table and the values that its classes have in label pictures.
 *
 * @param table the classes
 * @param labels name of a class by value; empty where values are class ids
 */
public record LabelScheme(ClassTable table, Map<Integer, String> labels) {

  /** Key under which weights keep the scheme that they were trained with. */
  public static final String METADATA = "classTable";

  private static final int LARGEST_LABEL = 255;

  /** The file. */
  private record Table(
      @Key("Name of the table in records.") String id,
      @Key("The classes in the order of their ids.") List<Entry> classes) {}

  private record Entry(
      @Key("Unique name.") String name,
      @Key("Color for drawing, such as '#804080'; chosen where it is left out.")
          Optional<String> color,
      @Key(value = "Group, such as vehicle.", defaultValue = "other") String group,
      @Key(
              value =
                  "Values of the class in label pictures. Where no class has any, values are class ids.",
              defaultValue = "[]")
          List<Integer> labels) {}

  public LabelScheme {
    labels = Map.copyOf(labels);
  }

  /** A table whose ids are the values in label pictures. */
  public static LabelScheme ofIds(ClassTable table) {
    return new LabelScheme(table, Map.of());
  }

  /**
   * Reads {@code id: mine, classes: [{name, color, group, labels}]}.
   *
   * @param name stands for the text in messages
   */
  public static LabelScheme parse(String name, String text) throws IOException, ConfigException {
    Table table = YamlReader.parse(name, text, Table.class, Map.of());
    List<SegmentationClass> classes = new ArrayList<>();
    Map<Integer, String> labels = new TreeMap<>();
    for (Entry entry : table.classes) {
      if (entry.name.isBlank()) {
        throw new IOException("%s: class %d has no name".formatted(name, classes.size()));
      }
      int chosen = SegmentationClass.distinctColor(classes.size());
      classes.add(
          entry
              .color
              .map(color -> SegmentationClass.ofHex(entry.name, color, entry.group))
              .orElseGet(() -> new SegmentationClass(entry.name, chosen, entry.group)));
      for (int label : entry.labels) {
        if (label < 0 || label > LARGEST_LABEL) {
          throw new IOException(
              "%s: a label must be 0 to %d, class %s has %d"
                  .formatted(name, LARGEST_LABEL, entry.name, label));
        }
        String other = labels.put(label, entry.name);
        if (other != null) {
          throw new IOException(
              "%s: the label %d belongs to %s and to %s".formatted(name, label, other, entry.name));
        }
      }
    }
    return new LabelScheme(new ClassTable(table.id, classes), labels);
  }

  /** The scheme that weights were trained with; CamVid's where they do not say. */
  public static LabelScheme of(Map<String, String> metadata) throws IOException {
    String text = metadata.get(METADATA);
    if (text == null) {
      return ofIds(ClassTable.camvid11());
    }
    try {
      return parse("the class table of the weights", text);
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** What {@link #of} reads back. */
  public Map<String, String> describe() {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode().put("id", table.id());
    ArrayNode classes = root.putArray("classes");
    for (SegmentationClass entry : table.classes()) {
      ArrayNode values =
          classes
              .addObject()
              .put("name", entry.name())
              .put("color", entry.hexColor())
              .put("group", entry.group())
              .putArray("labels");
      labels.keySet().stream()
          .sorted()
          .filter(label -> entry.name().equals(labels.get(label)))
          .forEach(values::add);
    }
    try {
      return Map.of(METADATA, mapper.writeValueAsString(root));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a class table is always JSON", e);
    }
  }
}
