package io.maskstream.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Conversion of single YAML values. */
final class Scalars {

  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(us|ms|s|m|h|d)");

  /** Milliseconds of more do not fit into Kafka's settings. */
  private static final Duration LONGEST = Duration.ofDays(3650);

  private static final String TOO_LONG = "must be a time of at most 3650d, is '";

  private static final Map<String, Duration> UNITS =
      Map.of(
          "us", Duration.ofNanos(1_000),
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));

  private static final Map<Class<?>, Function<String, Object>> CONVERTERS =
      Map.ofEntries(
          Map.entry(String.class, text -> text),
          Map.entry(int.class, text -> whole(text, Integer::valueOf)),
          Map.entry(Integer.class, text -> whole(text, Integer::valueOf)),
          Map.entry(long.class, text -> whole(text, Long::valueOf)),
          Map.entry(Long.class, text -> whole(text, Long::valueOf)),
          Map.entry(double.class, Scalars::real),
          Map.entry(Double.class, Scalars::real),
          Map.entry(boolean.class, Scalars::truthValue),
          Map.entry(Path.class, Path::of),
          Map.entry(Duration.class, Scalars::duration));

  private Scalars() {}

  /** Converts, or throws an IllegalArgumentException that states the rule and the value. */
  static Object convert(JsonNode node, Class<?> type) {
    if (!node.isValueNode()) {
      throw new IllegalArgumentException("must be a single value, is " + YamlReader.kind(node));
    }
    Function<String, Object> converter = CONVERTERS.get(type);
    return converter == null ? enumValue(node.asText(), type) : converter.apply(node.asText());
  }

  private static <N> Object whole(String text, Function<String, N> parse) {
    try {
      return parse.apply(text.replace("_", ""));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a whole number, is '" + text + "'", e);
    }
  }

  private static Object real(String text) {
    try {
      double value = Double.parseDouble(text.replace("_", ""));
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a number, is '" + text + "'", e);
    }
    throw new IllegalArgumentException("must be a finite number, is '" + text + "'");
  }

  private static Object truthValue(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) { // as in YAML 1.1
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw new IllegalArgumentException("must be true or false, is '" + text + "'");
    };
  }

  static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    Duration unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(
          "must be a time such as 500ms, 3s, 10m, 24h or 7d, is '" + text + "'");
    }
    try {
      Duration value = unit.multipliedBy(Long.parseLong(matcher.group(1)));
      if (value.compareTo(LONGEST) <= 0) {
        return value;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(TOO_LONG + text + "'", e);
    }
    throw new IllegalArgumentException(TOO_LONG + text + "'");
  }

  private static Object enumValue(String text, Class<?> type) {
    for (Object constant : type.getEnumConstants()) {
      if (Labels.of((Enum<?>) constant).equals(text)) {
        return constant;
      }
    }
    List<String> labels =
        Arrays.stream(type.getEnumConstants()).map(c -> Labels.of((Enum<?>) c)).toList();
    throw new IllegalArgumentException(Labels.rule(labels, text));
  }
}
