package io.maskstream.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Describes configuration records as Markdown: every key with its type, default and meaning. */
public final class Reference {
  private final StringBuilder text = new StringBuilder();

  private Reference() {}

  /** Tables of a record and of the records in it, each under a heading with its path. */
  public static String of(Class<? extends Record> type) {
    Reference reference = new Reference();
    reference.section("", type);
    return reference.text.toString();
  }

  private void section(String path, Class<?> type) {
    text.append("\n## ").append(path.isEmpty() ? "Top level" : "`" + path + "`").append("\n\n");
    text.append("| key | type | default | meaning |\n|---|---|---|---|\n");
    for (RecordComponent component : type.getRecordComponents()) {
      row(component);
    }
    for (RecordComponent component : type.getRecordComponents()) {
      Class<?> inner = record(component.getGenericType());
      if (inner != null) {
        String suffix = component.getType() == List.class ? "[]" : "";
        String own = path.isEmpty() ? component.getName() : path + "." + component.getName();
        section(own + suffix, inner);
      }
    }
  }

  private void row(RecordComponent component) {
    Key key = component.getAnnotation(Key.class);
    boolean optional = component.getType() == Optional.class;
    String defaultValue =
        key.defaultValue().isEmpty() ? optional ? "none" : "*needed*" : key.defaultValue();
    if (defaultValue.equals("{}") || defaultValue.equals("[]") || defaultValue.equals("''")) {
      defaultValue = "empty";
    }
    text.append("| `")
        .append(component.getName())
        .append("` | ")
        .append(name(component.getGenericType()))
        .append(" | ")
        .append(defaultValue.startsWith("*") ? defaultValue : "`" + defaultValue + "`")
        .append(" | ")
        .append(key.value().replace("|", "\\|"))
        .append(" |\n");
  }

  private static @org.jspecify.annotations.Nullable Class<?> record(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      return record(arguments[arguments.length - 1]);
    }
    Class<?> plain = (Class<?>) type;
    return plain.isRecord() ? plain : null;
  }

  private static String name(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      String inner = name(arguments[arguments.length - 1]);
      if (generic.getRawType() == List.class) {
        return "list of " + inner;
      }
      return generic.getRawType() == Map.class ? "names to " + inner : inner;
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isEnum()) {
      return Arrays.stream(plain.getEnumConstants())
          .map(value -> "`" + Labels.of((Enum<?>) value) + "`")
          .collect(Collectors.joining(", "));
    }
    if (plain.isRecord()) {
      return "block";
    }
    if (plain == Duration.class) {
      return "time";
    }
    String simple = plain.getSimpleName().toLowerCase(Locale.ROOT);
    return switch (simple) {
      case "int", "integer", "long" -> "whole number";
      case "double" -> "number";
      case "boolean" -> "true, false";
      case "string" -> "text";
      default -> simple;
    };
  }
}
