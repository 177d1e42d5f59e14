package io.maskstream.event;

import io.maskstream.topic.CompactedTopic;
import io.maskstream.topic.FollowedTopic;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicSettings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a deployment: the compacted topic {@code rules}, read and written. Every worker
 * follows the topic, so a change counts from the next frames on.
 */
public final class RuleRegistry {
  /** Name of a worker's reader. */
  private static final String NAME = "rules";

  private final CompactedTopic topic;

  public RuleRegistry(KafkaConnection kafka, TopicSettings topics) {
    topic = new CompactedTopic(kafka, topics.names().rules(), topics.maxRecordBytes());
  }

  /** A rule as it counts, and its record. */
  public record Entry(Rule rule, RuleSettings record) {}

  /** All rules that count, by name. */
  public Map<String, Entry> list() {
    Map<String, Entry> entries = new TreeMap<>();
    records()
        .forEach(
            (name, record) ->
                record.rule(name).ifPresent(rule -> entries.put(name, new Entry(rule, record))));
    return entries;
  }

  /** Records that make a rule or stand for a removed one; others are skipped, as workers do. */
  private Map<String, RuleSettings> records() {
    return topic.read(
        (name, record) -> {
          RuleSettings settings = Json.read(record.value(), RuleSettings.class);
          var unused = settings.rule(name); // throws where they make no rule
          return Optional.of(settings);
        });
  }

  /**
   * Adds a rule or replaces it.
   *
   * @param settings keys of a rule in a topology file, without its name
   * @throws IllegalArgumentException where they make no rule, or one of what is not there
   */
  public void put(String name, Map<String, @Nullable Object> settings, RuleNames names)
      throws IOException {
    RuleSettings given = RuleSettings.of(settings);
    names.require(given.rule(name).orElseThrow());
    RuleSettings before = records().get(name);
    topic.write(Map.of(name, before == null ? given : given.withFile(before.file())));
  }

  /** Removes a rule. One of a topology file stays away until the file has another in its place. */
  public void remove(String name) throws IOException {
    RuleSettings found = records().get(name);
    if (found == null || found.rule(name).isEmpty()) {
      throw new IllegalArgumentException("there is no rule '" + name + "'");
    }
    Map<String, @Nullable RuleSettings> change = new TreeMap<>();
    change.put(name, found.ofFile() ? found.removed() : null);
    topic.write(change);
  }

  /**
   * Puts the rules of a topology file, and removes those that the file had before. What an operator
   * has changed since stays, unless the file has changed, too.
   */
  public void putFile(List<Rule> rules) throws IOException {
    Map<String, RuleSettings> existing = records();
    Map<String, @Nullable RuleSettings> changed = new TreeMap<>();
    existing.forEach(
        (name, found) -> {
          if (found.ofFile()) {
            changed.put(name, null);
          }
        });
    for (Rule rule : rules) {
      RuleSettings found = existing.get(rule.name());
      if (found != null && found.isOfFile(rule)) {
        changed.remove(rule.name());
      } else {
        changed.put(rule.name(), RuleSettings.ofFile(rule));
      }
    }
    topic.write(changed);
  }

  /**
   * The rules for a worker: all that there are, then what changes.
   *
   * @param settings of the consumer, without deserializers
   */
  public static FollowedTopic<RuleEvaluator> follow(
      Map<String, Object> settings, TopicSettings topics, RecordLoop.Observer observer) {
    return new FollowedTopic<>(
        NAME, topics.names().rules(), settings, RuleRegistry::read, observer);
  }

  private static Optional<RuleEvaluator> read(String name, byte[] record) {
    return Json.read(record, RuleSettings.class).rule(name).map(RuleEvaluator::new);
  }
}
