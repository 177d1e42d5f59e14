package io.maskstream.inference;

import io.maskstream.config.Key;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.SegmentationClass;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code bundle.yaml} says of a model. */
@RecordBuilder
public record ModelCard(
    @Key("Name of the model.") String id,
    @Key("Version of the model; a bank of another version is reset.") String version,
    @Key("Family of the head, such as ssa-seg.") String family,
    @Key("Name of the class table.") String classTable,
    @Key("The classes in the order of their ids.") List<ClassEntry> classes,
    @Key("Width of the input, pixels.") int width,
    @Key("Height of the input, pixels.") int height,
    @Key("Pixels of the input per pixel of the scores.") int stride,
    @Key("D, length of a prototype.") int features,
    @Key(value = "M, prototypes per class.", defaultValue = "1") int prototypesPerClass,
    @Key("Licence and what the data allow.") String licence,
    @Key("What it was trained on.") String data,
    @Key(value = "How it was trained.", defaultValue = "''") String recipe,
    @Key(value = "What it is not good at.", defaultValue = "''") String limits,
    @Key(value = "Measured accuracy, percent, by name of the measurement.", defaultValue = "{}")
        Map<String, String> accuracy,
    @Key(
            value = "Frames of a pass that the graph is fixed to, 0 for any number.",
            defaultValue = "0")
        int batch,
    @Key(value = "Other measurements with their units, by name.", defaultValue = "{}")
        Map<String, String> measured,
    @Key(
            value = "Points of mIoU that model-int8.onnx loses; 100 where that was not measured.",
            defaultValue = "100")
        double integerLoss)
    implements ModelCardBuilder.With {

  /** Loss of integers that were not measured. */
  public static final double NOT_MEASURED = 100;

  /** One class. */
  public record ClassEntry(
      @Key("Unique name.") String name,
      @Key("Colour for drawing, such as '#804080'.") String color,
      @Key("Group, such as vehicle.") String group) {

    public ClassEntry {
      var unused = SegmentationClass.ofHex(name, color, group);
    }

    SegmentationClass toClass() {
      return SegmentationClass.ofHex(name, color, group);
    }

    static ClassEntry of(SegmentationClass entry) {
      return new ClassEntry(entry.name(), entry.hexColor(), entry.group());
    }
  }

  public ModelCard {
    classes = List.copyOf(classes);
    accuracy = Collections.unmodifiableMap(new LinkedHashMap<>(accuracy)); // in their order
    measured = Collections.unmodifiableMap(new LinkedHashMap<>(measured));
    requirePositive("width", width);
    requirePositive("height", height);
    requirePositive("stride", stride);
    requirePositive("features", features);
    requirePositive("prototypesPerClass", prototypesPerClass);
    if (batch < 0) {
      throw new IllegalArgumentException("batch must not be negative, is " + batch);
    }
  }

  private static void requirePositive(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(key + " must be at least 1, is " + value);
    }
  }

  /** The entries of a class table, for a card. */
  public static List<ClassEntry> entries(ClassTable table) {
    return table.classes().stream().map(ClassEntry::of).toList();
  }

  public ClassTable table() {
    return new ClassTable(classTable, classes.stream().map(ClassEntry::toClass).toList());
  }

  /** h, rows of the scores. */
  public int rows() {
    return (height + stride - 1) / stride;
  }

  /** w, columns of the scores. */
  public int columns() {
    return (width + stride - 1) / stride;
  }

  /** P, rows of a bank: K·M. */
  public int prototypes() {
    return classes.size() * prototypesPerClass;
  }

  /** Id and version, by which a bank knows its model. */
  public String name() {
    return id + "@" + version;
  }
}
