package io.maskstream.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.TestBroker;
import io.maskstream.topic.CompactedTopic;
import io.maskstream.topic.FollowedTopic;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.TopicSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The topic of rules: files, operators and workers. */
class RuleRegistryIT {
  private static final TopicSettings TOPICS = TopicSettings.defaults("rules");
  private static final RuleNames NAMES =
      new RuleNames(Map.of("a", Map.of("door", Set.of())), Set.of("car"), false);

  private TestBroker broker;
  private KafkaConnection kafka;
  private RuleRegistry registry;
  private CompactedTopic topic;

  @BeforeEach
  void start() throws Exception {
    broker = TestBroker.start(TOPICS.names());
    kafka = KafkaConnection.plain((String) broker.connection().get("bootstrap.servers"));
    registry = new RuleRegistry(kafka, TOPICS);
    topic = new CompactedTopic(kafka, TOPICS.names().rules(), TOPICS.maxRecordBytes());
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  private List<ConsumerRecord<byte[], byte[]>> records() {
    return TopicReader.readAll(kafka, TOPICS.names().rules());
  }

  private static Rule rule(String name, double above) {
    return YamlReader.defaults(
        Rule.class, Map.of("name", name, "classes", List.of("car"), "above", above));
  }

  private static Map<String, Object> above(double above) {
    return Map.of("classes", List.of("car"), "above", above);
  }

  /** Names of the rules that count, with their thresholds and whether a file has them. */
  private List<String> rules() {
    List<String> rules = new ArrayList<>();
    registry
        .list()
        .forEach(
            (name, entry) ->
                rules.add(
                    name
                        + " "
                        + entry.rule().above().orElseThrow()
                        + (entry.record().ofFile() ? " file" : "")
                        + (entry.record().changed() ? " changed" : "")));
    return rules;
  }

  @Test
  void rulesOfAFile_comeAndGoWithIt_thoseOfOperatorsStay() throws Exception {
    registry.putFile(List.of(rule("one", 0.1), rule("two", 0.2)));
    registry.put("mine", above(0.3), NAMES);
    assertThat(rules()).containsExactly("mine 0.3", "one 0.1 file", "two 0.2 file");
    registry.putFile(List.of(rule("two", 0.2), rule("three", 0.3)));
    assertThat(rules()).containsExactly("mine 0.3", "three 0.3 file", "two 0.2 file");
    registry.putFile(List.of());
    assertThat(rules()).containsExactly("mine 0.3");
    registry.remove("mine");
    assertThat(rules()).isEmpty();
    assertThat(records()).last().matches(record -> record.value() == null);
  }

  @Test
  void whatAnOperatorChanged_stays_untilTheFileChanges() throws Exception {
    List<Rule> file = List.of(rule("one", 0.1), rule("two", 0.2));
    registry.putFile(file);
    registry.put("one", above(0.5), NAMES);
    registry.remove("two");
    registry.putFile(file);
    assertThat(rules()).containsExactly("one 0.5 file changed");
    registry.putFile(List.of(rule("one", 0.1), rule("two", 0.25)));
    assertThat(rules()).containsExactly("one 0.5 file changed", "two 0.25 file");
    registry.putFile(List.of(rule("one", 0.11)));
    assertThat(rules()).containsExactly("one 0.11 file");
    int records = records().size();
    registry.putFile(List.of(rule("one", 0.11)));
    assertThat(records()).hasSize(records); // nothing to write
  }

  @Test
  void changesThatBreakARule_changeNothing() {
    assertThatThrownBy(() -> registry.remove("none")).hasMessage("there is no rule 'none'");
    assertThatThrownBy(
            () -> registry.put("r", Map.of("classes", List.of("cat"), "above", 1), NAMES))
        .hasMessage("rule r: classes: no model has the class cat, there are [car]");
    assertThatThrownBy(() -> registry.put("r", Map.of("above", "much"), NAMES))
        .hasMessageStartingWith("rule r: above: must be a number, is 'much'");
    assertThat(records()).isEmpty();
  }

  @Test
  void worker_hasAllRulesAtItsStart_followsChanges_andKeepsARuleWhoseRecordIsNotReadable()
      throws Exception {
    registry.putFile(List.of(rule("one", 0.1)));
    topic.write(Map.of("two", Map.of("settings", Map.of("above", "much"), "file", Map.of())));
    List<String> refused = new CopyOnWriteArrayList<>();
    try (FollowedTopic<RuleEvaluator> rules =
        RuleRegistry.follow(
            broker.connection(), TOPICS, new RecordLoop.Observer(refused::add, name -> {}))) {
      assertThat(rules.values()).containsOnlyKeys("one");
      assertThat(refused).containsExactly(TOPICS.names().rules());
      assertThat(registry.list()).containsOnlyKeys("one");
      registry.put("two", above(0.2), NAMES);
      await().until(() -> rules.values().containsKey("two"));
      registry.put("one", above(0.4), NAMES);
      await().until(() -> rules.values().get("one").rule().above().orElseThrow() == 0.4);
      topic.write(Map.of("one", "no rule"));
      await().until(() -> refused.size() == 2);
      registry.remove("two");
      await().until(() -> !rules.values().containsKey("two"));
      assertThat(rules.values()).containsOnlyKeys("one");
    }
  }
}
