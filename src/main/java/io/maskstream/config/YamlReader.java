package io.maskstream.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads YAML files into records whose components carry {@link Key}.
 *
 * <p>Values may name variables as {@code ${NAME}}. A record's own constructor checks ranges; what
 * it says becomes a mistake at the record's path.
 */
public final class YamlReader {

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

  /** Leaves out a key that has a default. */
  private static final String NONE = "none";

  private static final long LARGEST_SECRET = 65_536;

  /** What a key looks like; anything else, such as a URL, may hold a secret. */
  private static final Pattern NAME = Pattern.compile("[\\w.-]{1,64}");

  /** Shorter values of variables would hide parts of ordinary words. */
  private static final int SHORTEST_SECRET = 3;

  private static final YAMLFactory FACTORY =
      YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final ObjectMapper YAML = new ObjectMapper(FACTORY);

  private final Map<String, String> variables;
  private final Problems problems = new Problems();
  private final Set<String> used = new TreeSet<>();

  private YamlReader(Map<String, String> variables) {
    this.variables = variables;
  }

  /**
   * Reads a file.
   *
   * @param variables values for {@code ${NAME}}, such as the environment
   */
  public static <T extends Record> T read(Path file, Class<T> type, Map<String, String> variables)
      throws IOException, ConfigException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("no such file: " + file);
    }
    return parse(file.toString(), text(file), type, variables);
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no text in UTF-8", e);
    }
  }

  /**
   * The defaults of a record, with some values given.
   *
   * @param given values by key, as YAML would have them: texts, numbers, enums, lists and maps
   * @throws IllegalArgumentException where a needed key is missing or a value breaks a rule
   */
  public static <T extends Record> T defaults(Class<T> type, Map<String, ?> given) {
    Map<String, Object> plain = new LinkedHashMap<>(given);
    plain.replaceAll(
        (key, value) -> value instanceof Enum<?> constant ? Labels.of(constant) : value);
    try {
      return read(type.getSimpleName(), YAML.valueToTree(plain), type, Map.of());
    } catch (ConfigException e) {
      throw new IllegalArgumentException(String.join("; ", e.problems()), e);
    }
  }

  /** Reads a text; the name stands for the file in messages. */
  public static <T extends Record> T parse(
      String name, String text, Class<T> type, Map<String, String> variables)
      throws ConfigException {
    try {
      YamlText.requirePlain(text);
      try (JsonParser parser = new WrittenScalars(FACTORY.createParser(text))) {
        JsonNode root = YAML.readTree(parser);
        return read(name, root == null ? MissingNode.getInstance() : root, type, variables);
      }
    } catch (JsonProcessingException e) {
      throw new ConfigException(name, List.of(YamlText.mistake(e)));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a text in memory
    }
  }

  /**
   * A length of time as files have it, such as {@code 10m}; an IllegalArgumentException states the
   * rule and the value.
   */
  public static Duration duration(String text) {
    return Scalars.duration(text);
  }

  /**
   * A single value as a file would have it: a text, a number, a truth value, a list or a map.
   *
   * @return null for an empty text, which stands for the default
   */
  public static @Nullable Object value(String text) throws ConfigException {
    try {
      YamlText.requirePlain(text);
      JsonNode node = YAML.readTree(text);
      return node.isMissingNode() ? null : YAML.convertValue(node, Object.class);
    } catch (JsonProcessingException e) {
      throw new ConfigException(text, List.of("not YAML: " + e.getOriginalMessage()));
    }
  }

  private static <T extends Record> T read(
      String name, JsonNode root, Class<T> type, Map<String, String> variables)
      throws ConfigException {
    YamlReader reader = new YamlReader(variables);
    Object value = reader.record("", root, type);
    if (value == null || !reader.problems.found().isEmpty()) {
      throw new ConfigException(
          name, reader.problems.found().stream().map(reader::hide).toList(), value);
    }
    return type.cast(value);
  }

  /** Values of variables may be secrets: a message shows the name instead. */
  private String hide(String problem) {
    String text = problem;
    for (String name : used) {
      String value = variables.getOrDefault(name, "");
      if (value.length() >= SHORTEST_SECRET) {
        text = text.replace(value, "${" + name + "}");
      }
    }
    return text;
  }

  private @Nullable Object record(String path, JsonNode node, Class<?> type) {
    if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
      problems.add(path, "must be a block of keys, is " + kind(node));
      return null;
    }
    RecordComponent[] components = type.getRecordComponents();
    reportUnknown(path, node, components);
    int before = problems.missing();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      values[i] = component(path, node, components[i]);
    }
    return problems.missing() > before ? null : construct(path, type, components, values);
  }

  private void reportUnknown(String path, JsonNode node, RecordComponent[] components) {
    Set<String> known = new TreeSet<>();
    Arrays.stream(components).map(RecordComponent::getName).forEach(known::add);
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                problems.note(
                    join(path, NAME.matcher(name).matches() ? name : "(a text)"),
                    "is not a key here%s; the keys are %s"
                        .formatted(Suggestion.of(name, known), known));
              }
            });
  }

  private @Nullable Object component(String path, JsonNode node, RecordComponent component) {
    String at = join(path, component.getName());
    Key key = component.getAnnotation(Key.class);
    if (key == null) {
      throw new IllegalStateException("configuration component without @Key: " + component);
    }
    JsonNode value = node.path(component.getName());
    if ((value.isMissingNode() || value.isNull()) && !key.defaultValue().isEmpty()) {
      value = defaultOf(key);
    }
    return value(at, value, component.getGenericType());
  }

  private static JsonNode defaultOf(Key key) {
    try {
      return YAML.readTree(key.defaultValue());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("bad default " + key.defaultValue(), e);
    }
  }

  private @Nullable Object value(String path, JsonNode node, Type type) {
    boolean absent = node.isMissingNode() || node.isNull();
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == Optional.class) {
        boolean empty = absent || node.asText().equals(NONE);
        return empty ? Optional.empty() : Optional.ofNullable(value(path, node, arguments[0]));
      }
      if (absent) {
        problems.add(path, "must be given");
        return null;
      }
      return generic.getRawType() == List.class
          ? list(path, node, arguments[0])
          : map(path, node, arguments[1]);
    }
    Class<?> plain = (Class<?>) type;
    if (absent && !plain.isRecord()) {
      problems.add(path, "must be given");
      return null;
    }
    if (plain == Secret.class) {
      return secret(path, node);
    }
    return plain.isRecord() ? record(path, node, plain) : scalar(path, node, plain);
  }

  private @Nullable Secret secret(String path, JsonNode node) {
    if (node.isValueNode()) {
      return new Secret(substituted(path, node).asText(), node.asText());
    }
    JsonNode file = node.path("file");
    if (node.size() != 1 || !file.isTextual()) {
      problems.add(path, "must be a text or {file: PATH}"); // without the value
      return null;
    }
    try {
      String line = firstLine(Path.of(substituted(path, file).asText()));
      return new Secret(line, Map.of("file", file.asText()));
    } catch (IOException | java.nio.file.InvalidPathException e) {
      problems.add(path, "cannot read the file: " + e.getMessage());
      return null;
    }
  }

  /** A pipe would wait for ever, and a device has no end. */
  private static String firstLine(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          file + (Files.exists(file) ? " is no regular file" : " does not exist"));
    }
    if (Files.size(file) > LARGEST_SECRET) {
      throw new IOException(
          "%s must have at most %d bytes, has %d"
              .formatted(file, LARGEST_SECRET, Files.size(file)));
    }
    return text(file).lines().findFirst().orElse("").strip();
  }

  /** A node in a message: without its value, which may be a secret. */
  static String kind(JsonNode node) {
    return node.isObject() ? "a block of keys" : node.isArray() ? "a list" : "a single value";
  }

  private @Nullable Object scalar(String path, JsonNode node, Class<?> type) {
    try {
      return Scalars.convert(substituted(path, node), type);
    } catch (IllegalArgumentException e) {
      problems.add(path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private JsonNode substituted(String path, JsonNode node) {
    if (!node.isTextual() || !node.asText().contains("${")) {
      return node;
    }
    Matcher matcher = VARIABLE.matcher(node.asText());
    StringBuilder text = new StringBuilder();
    while (matcher.find()) {
      String name = matcher.group(1);
      String value = variables.get(name);
      used.add(name);
      if (value == null) {
        problems.add(path, "names the variable " + name + ", which is not set");
      }
      matcher.appendReplacement(text, Matcher.quoteReplacement(value == null ? "" : value));
    }
    return TextNode.valueOf(matcher.appendTail(text).toString());
  }

  private List<Object> list(String path, JsonNode node, Type element) {
    List<Object> values = new ArrayList<>();
    if (!node.isArray()) {
      problems.add(path, "must be a list, is " + kind(node));
      return values;
    }
    for (int i = 0; i < node.size(); i++) {
      Object value = value(path + "[" + i + "]", node.path(i), element);
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  private Map<String, Object> map(String path, JsonNode node, Type element) {
    Map<String, Object> values = new LinkedHashMap<>();
    if (!node.isObject()) {
      problems.add(path, "must be a block of keys, is " + kind(node));
      return values;
    }
    node.properties()
        .forEach(
            entry -> {
              Object value = value(join(path, entry.getKey()), entry.getValue(), element);
              if (value != null) {
                values.put(entry.getKey(), value);
              }
            });
    return values;
  }

  private @Nullable Object construct(
      String path, Class<?> type, RecordComponent[] components, @Nullable Object[] values) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    List<String> broken = new ArrayList<>();
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      Object made = Checks.collect(() -> constructor.newInstance(values), broken);
      broken.forEach(rule -> problems.add(path, rule));
      return made;
    } catch (InvocationTargetException e) {
      problems.add(path, String.valueOf(e.getTargetException().getMessage()));
      return null;
    } catch (Exception e) {
      throw new IllegalStateException("cannot make a " + type.getName(), e);
    }
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
