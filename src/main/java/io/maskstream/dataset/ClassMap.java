package io.maskstream.dataset;

import io.maskstream.config.ConfigException;
import io.maskstream.config.Key;
import io.maskstream.config.YamlReader;
import io.maskstream.frame.ClassTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Joins the label values of a data set to the classes of a table; what is not named is void. */
public final class ClassMap {

  /**
   * The file.
   *
   * @param classes class name of the table by label value
   */
  private record Names(
      @Key("Name of the table's class by grey value of the label picture.")
          Map<String, String> classes) {}

  private static final int VALUES = 256;

  private final byte[] ids;

  private ClassMap(byte[] ids) {
    this.ids = ids;
  }

  /** Label values are class ids. */
  public static ClassMap identity(ClassTable table) {
    byte[] ids = new byte[VALUES];
    Arrays.fill(ids, (byte) ClassTable.VOID);
    for (int k = 0; k < table.size(); k++) {
      ids[k] = (byte) k;
    }
    return new ClassMap(ids);
  }

  /** Reads a map: {@code classes: {7: road, 8: pavement}}. */
  public static ClassMap read(Path file, ClassTable table) throws IOException, ConfigException {
    return of(file.toString(), YamlReader.read(file, Names.class, Map.of()), table);
  }

  /** A map that comes with the program, such as {@code cityscapes-camvid11}. */
  static ClassMap builtIn(String name, ClassTable table) throws IOException {
    String resource = "/classmaps/" + name + ".yaml";
    try (InputStream stream = ClassMap.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IOException(
            "there is no built-in class map " + name + "; give one in a file of your own");
      }
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      return of(name, YamlReader.parse(name, text, Names.class, Map.of()), table);
    } catch (ConfigException e) {
      throw new IOException("the class map " + name + " does not fit: " + e.getMessage(), e);
    }
  }

  /** The values that a scheme names, for a table that has its classes, in any order. */
  public static ClassMap of(LabelScheme scheme, ClassTable table) throws IOException {
    Map<String, String> names = new TreeMap<>();
    scheme.labels().forEach((value, name) -> names.put(value.toString(), name));
    return of(scheme.table().id(), new Names(names), table);
  }

  private static ClassMap of(String name, Names names, ClassTable table) throws IOException {
    List<String> known = IntStream.range(0, table.size()).mapToObj(table::name).toList();
    byte[] ids = new byte[VALUES];
    Arrays.fill(ids, (byte) ClassTable.VOID);
    List<String> problems =
        names.classes.entrySet().stream()
            .filter(
                entry ->
                    !entry.getKey().matches("\\d{1,3}")
                        || Integer.parseInt(entry.getKey()) >= VALUES
                        || !known.contains(entry.getValue()))
            .map(
                entry ->
                    "classes.%s: must map a value of 0 to 255 to a class of %s, is %s; the classes are %s"
                        .formatted(entry.getKey(), table.id(), entry.getValue(), known))
            .toList();
    if (!problems.isEmpty()) {
      throw new IOException(name + ": " + String.join("; ", problems));
    }
    names.classes.forEach(
        (value, className) -> ids[Integer.parseInt(value)] = (byte) known.indexOf(className));
    return new ClassMap(ids);
  }

  /** Class id, or {@link ClassTable#VOID}, of a label value. */
  public byte classOf(byte value) {
    return ids[value & 0xFF];
  }
}
