package io.maskstream.event;

import io.maskstream.config.Checks;
import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.config.YamlWriter;
import io.maskstream.topic.Json;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A record of the topic {@code rules}, whose key is the rule's name.
 *
 * @param settings keys of a rule in a topology file, without its name; those left out have their
 *     defaults. Empty for a rule of a file that an operator has removed
 * @param file the settings that a topology file had when they were last taken from it; empty for a
 *     rule that is in no file
 */
public record RuleSettings(Map<String, Object> settings, Map<String, Object> file) {
  private static final String NAME = "name";

  public RuleSettings {
    settings = copy(settings);
    file = copy(file);
    Checks.require(!settings.containsKey(NAME), "the name is the record's key and no setting");
  }

  private static Map<String, Object> copy(@Nullable Map<String, Object> map) {
    return map == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(map));
  }

  /** A rule that is in no file; a key whose value is null has its default. */
  public static RuleSettings of(Map<String, @Nullable Object> settings) {
    Map<String, Object> given = new LinkedHashMap<>();
    settings.forEach(
        (key, value) -> {
          if (value != null) {
            given.put(key, value);
          }
        });
    return new RuleSettings(given, Map.of());
  }

  /** A rule of a topology file. */
  public static RuleSettings ofFile(Rule rule) {
    Map<String, Object> settings = new LinkedHashMap<>(YamlWriter.keys(rule));
    settings.remove(NAME);
    return new RuleSettings(settings, settings);
  }

  /** The same settings with what a file had. */
  RuleSettings withFile(Map<String, Object> had) {
    return new RuleSettings(settings, had);
  }

  /** A rule of a file that is removed until the file changes. */
  RuleSettings removed() {
    return new RuleSettings(Map.of(), file);
  }

  /** Whether the rule came from a topology file. */
  public boolean ofFile() {
    return !file.isEmpty();
  }

  /** Whether the rule is no longer as the file has it. */
  public boolean changed() {
    return ofFile() && !settings.equals(file);
  }

  /** Whether a file had this rule when it was last taken from it. */
  boolean isOfFile(Rule rule) {
    try {
      return ofFile() && parse(rule.name(), file).equals(rule);
    } catch (ConfigException e) {
      return false; // of a version with other keys
    }
  }

  /**
   * The rule; empty where an operator has removed it.
   *
   * @throws IllegalArgumentException where the settings make no rule, with all that is wrong
   */
  public Optional<Rule> rule(String name) {
    if (settings.isEmpty() && ofFile()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse(name, settings));
    } catch (ConfigException e) {
      String prefix = "rule " + name;
      throw new IllegalArgumentException(
          e.problems().stream()
              .map(problem -> problem.startsWith(prefix) ? problem : prefix + ": " + problem)
              .collect(Collectors.joining("; ")),
          e);
    }
  }

  private static Rule parse(String name, Map<String, Object> settings) throws ConfigException {
    Map<String, Object> all = new LinkedHashMap<>(settings);
    all.put(NAME, Objects.requireNonNull(name));
    String json = new String(Json.write(all), StandardCharsets.UTF_8);
    return YamlReader.parse("rule " + name, json, Rule.class, Map.of());
  }
}
