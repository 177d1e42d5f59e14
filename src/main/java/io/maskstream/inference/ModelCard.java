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
        double integerLoss,
    @Key(
            value =
                "Bits of the weights in model-int8.onnx: 8, or 7, which AVX2 without VNNI needs for"
                    + " exact sums.",
            defaultValue = "8")
        int integerWeightBits,
    @Key(
            value =
                "Probability of the winning class below which a pixel counts as unknown, of"
                    + " calibrate-unknown; 0 where that was not measured.",
            defaultValue = "0")
        double unknownBelow)
    implements ModelCardBuilder.With {

  /** Loss of integers that were not measured. */
  public static final double NOT_MEASURED = 100;

  /** Threshold of the unknown that was not measured. */
  public static final double NO_THRESHOLD = 0;

  /** Bits of weights of which two products with bytes fit 16 bits. */
  public static final int EXACT_WEIGHT_BITS = 7;

  private static final int MAX_SIDE = 8_192;
  private static final int MAX_STRIDE = 64;
  private static final int MAX_FEATURES = 4_096;
  private static final int MAX_PROTOTYPES = 1_000;

  /** Labels are bytes. */
  private static final int MAX_CLASSES = 256;

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
    requireSize(width, height);
    requireWithin("stride", stride, MAX_STRIDE);
    requireWithin("features", features, MAX_FEATURES);
    requireWithin("classes", classes.size(), MAX_CLASSES);
    requireWithin("prototypesPerClass", prototypesPerClass, MAX_PROTOTYPES);
    if (!(unknownBelow >= 0 && unknownBelow <= 1)) {
      throw new IllegalArgumentException("unknownBelow must be 0 to 1, is " + unknownBelow);
    }
    if (integerWeightBits != EXACT_WEIGHT_BITS && integerWeightBits != 8) {
      throw new IllegalArgumentException(
          "integerWeightBits must be 7 or 8, is " + integerWeightBits);
    }
    if (batch < 0) {
      throw new IllegalArgumentException("batch must not be negative, is " + batch);
    }
  }

  /** Refuses a size that pictures of a model cannot have. */
  public static void requireSize(int width, int height) {
    requireWithin("width", width, MAX_SIDE);
    requireWithin("height", height, MAX_SIDE);
  }

  /** What a file claims is allocated, so that it must be a size that a network can have. */
  private static void requireWithin(String key, int value, int most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException("%s must be 1 to %d, is %d".formatted(key, most, value));
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

  /** Id and version. */
  public String name() {
    return id + "@" + version;
  }
}
