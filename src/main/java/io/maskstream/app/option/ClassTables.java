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
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
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

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** Of a hash of the names, in the id of a table that has names alone. */
  private static final int HASH_BYTES = 4;

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
    String text = text(file);
    if (nameOrFile.endsWith(".json")) {
      return LabelScheme.ofIds(ofHuggingFace(file, text));
    }
    boolean yaml = nameOrFile.endsWith(".yaml") || nameOrFile.endsWith(".yml");
    return yaml
        ? LabelScheme.parse(nameOrFile, text)
        : LabelScheme.ofIds(ofNames(file, text.lines().filter(line -> !line.isBlank()).toList()));
  }

  private static String text(Path file) throws IOException {
    try {
      String text = Files.readString(file);
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is not UTF-8; save it in this encoding", e);
    }
  }

  /** Classes that have no names: {@code class 0}, {@code class 1} and so on. */
  public static ClassTable numbered(int classes) {
    return new ClassTable(
        "numbered" + classes,
        classes(IntStream.range(0, classes).mapToObj(k -> "class " + k).toList()));
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
    if (labels.isEmpty()) {
      throw new IOException(file + " has no id2label with class names by number");
    }
    List<String> names = new ArrayList<>();
    for (int id = 0; id < labels.size(); id++) {
      JsonNode name = labels.get(Integer.toString(id));
      if (name == null || name.asText().isBlank()) {
        throw new IOException(
            "%s: id2label must name the classes from 0 on without gaps, there is no name for %d"
                .formatted(file, id));
      }
      names.add(name.asText());
    }
    return ofNames(Objects.requireNonNull(file.toAbsolutePath().getParent()), names);
  }

  /** Tables of different names have different ids, whatever their files are called. */
  private static ClassTable ofNames(Path file, List<String> names) {
    List<SegmentationClass> classes = classes(names);
    String joined = String.join("\n", classes.stream().map(SegmentationClass::name).toList());
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(joined.getBytes(StandardCharsets.UTF_8));
      String digits = HexFormat.of().formatHex(hash, 0, HASH_BYTES);
      return new ClassTable(stem(file) + "-" + digits, classes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static List<SegmentationClass> classes(List<String> names) {
    List<SegmentationClass> classes = new ArrayList<>();
    for (String name : names) {
      int color = SegmentationClass.distinctColor(classes.size());
      classes.add(new SegmentationClass(name.strip(), color, "other"));
    }
    return classes;
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
