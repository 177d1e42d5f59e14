package io.maskstream.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.YamlReader;
import io.maskstream.topic.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RuleSettingsTest {
  private static final Map<String, Object> FULL =
      Map.ofEntries(
          Map.entry("name", "r"),
          Map.entry("cameras", List.of("a")),
          Map.entry("zone", "door"),
          Map.entry("classes", List.of("car", "bus")),
          Map.entry("measure", "largest-region"),
          Map.entry("above", 0.25),
          Map.entry("release", 0.125),
          Map.entry("hold", "1500ms"),
          Map.entry("releaseHold", "2s"),
          Map.entry("cooldown", "1m"),
          Map.entry("interval", "5m"));

  private static Rule rule(Map<String, Object> keys) {
    return YamlReader.defaults(Rule.class, keys);
  }

  private static RuleSettings read(RuleSettings settings) {
    return Json.read(Json.write(settings), RuleSettings.class);
  }

  private static void refused(Map<String, Object> settings, String message) {
    assertThatThrownBy(() -> RuleSettings.of(settings).rule("r")).hasMessage(message);
  }

  @Test
  void ruleOfAFile_isTheSameAfterItsRecord() {
    for (Map<String, Object> keys :
        List.of(FULL, Map.<String, Object>of("name", "r", "measure", "unknown", "below", 0.5))) {
      RuleSettings record = read(RuleSettings.ofFile(rule(keys)));
      assertThat(record.rule("r")).contains(rule(keys));
      assertThat(record.isOfFile(rule(keys))).isTrue();
      assertThat(record.changed()).isFalse();
    }
  }

  @Test
  void ruleOfAFile_thatTheFileChanges_isNotItsAnyMore() {
    RuleSettings record = read(RuleSettings.ofFile(rule(FULL)));
    Map<String, Object> other = new HashMap<>(FULL);
    other.put("hold", "2s");
    assertThat(record.isOfFile(rule(other))).isFalse();
    assertThat(RuleSettings.of(Map.of("above", 1)).isOfFile(rule(FULL))).isFalse();
    RuleSettings ofALaterVersion = new RuleSettings(Map.of(), Map.of("since", "noon"));
    assertThat(ofALaterVersion.isOfFile(rule(FULL))).isFalse();
  }

  @Test
  void removedRuleOfAFile_isNone_andKeepsWhatTheFileHad() {
    RuleSettings record = read(RuleSettings.ofFile(rule(FULL)).removed());
    assertThat(record.rule("r")).isEmpty();
    assertThat(record.isOfFile(rule(FULL))).isTrue();
    assertThat(record.changed()).isTrue();
  }

  @Test
  void settings_thatMakeNoRule_areRefusedWithRuleKeyAndValue() {
    refused(
        Map.of("classes", List.of("car"), "above", 0.1, "hold", "long"),
        "rule r: hold: must be a time such as 500ms, 3s, 10m, 24h or 7d, is 'long'");
    refused(
        Map.of("classes", List.of("car"), "above", 0.1, "release", 0.2),
        "rule r: release must not be beyond the threshold 0.1, is 0.2");
    refused(
        Map.of("classes", List.of("car"), "above", 2),
        "rule r: above must be 0 to 1 for the measure share, is 2.0");
    refused(
        Map.of("classes", List.of("car"), "below", 0.5, "release", 1.5),
        "rule r: release must be 0 to 1 for the measure share, is 1.5");
    refused(
        Map.of("measure", "unknown", "below", 1.5),
        "rule r: below must be 0 to 1 for the measure unknown, is 1.5");
    refused(
        Map.of("classes", List.of("car"), "measure", "change", "above", -0.1),
        "rule r: above must be at least 0 for the measure change, is -0.1");
    refused(Map.of(), "rule r must name classes; rule r must have one of above and below"); // both
    assertThatThrownBy(() -> RuleSettings.of(Map.of("clases", 1, "above", 0.1)).rule("r"))
        .hasMessageStartingWith("rule r: clases: is not a key here - did you mean 'classes'?");
    assertThatThrownBy(
            () -> RuleSettings.of(Map.of("classes", List.of("car"), "above", 1)).rule("a b"))
        .hasMessageContaining("is 'a b'");
    assertThatThrownBy(() -> RuleSettings.of(Map.of("name", "r")))
        .hasMessage("the name is the record's key and no setting");
  }

  @Test
  void settings_ofNull_haveTheirDefault() {
    Map<String, Object> settings = new HashMap<>(Map.of("classes", List.of("car"), "above", 0.1));
    settings.put("zone", null);
    assertThat(RuleSettings.of(settings).rule("r").orElseThrow().zone()).isEmpty();
  }

  @Test
  void names_thatAreNotThere_areRefusedWithRuleKeyAndValue() {
    RuleNames names =
        new RuleNames(
            Map.of("a", Map.of("door", Set.of("car", "bus")), "b", Map.of("gate", Set.of())),
            Set.of("bus", "car"),
            false);
    names.require(rule(FULL));
    refused(
        names, "cameras", List.of("c"), "rule r: cameras: no camera is called c, there are [a, b]");
    refused(names, "zone", "gate", "rule r: zone: camera a has no zone gate, it has [door]");
    refused(
        names,
        "classes",
        List.of("cat"),
        "rule r: classes: no model has the class cat, there are [bus, car]");
    Map<String, Object> anywhere = new HashMap<>(FULL);
    anywhere.remove("cameras");
    names.require(rule(anywhere));
    anywhere.put("zone", "roof");
    assertThatThrownBy(() -> names.require(rule(anywhere)))
        .hasMessage("rule r: zone: no camera has a zone roof");
    Rule unknown = rule(Map.of("name", "r", "measure", "unknown", "below", 0.5));
    assertThatThrownBy(() -> names.require(unknown))
        .hasMessage("rule r: measure unknown needs segment.unknown, such as {below: 0.5}");
    new RuleNames(Map.of(), Set.of(), true).require(unknown);
    new RuleNames(Map.of(), Set.of(), false).require(rule(FULL)); // nothing is known yet
  }

  @Test
  void regions_thatNoZoneCounts_areRefused() {
    Map<String, Map<String, Set<String>>> zones =
        Map.of("a", Map.of("door", Set.of("car", "bus")), "b", Map.of("door", Set.of("car")));
    RuleNames names = new RuleNames(zones, Set.of(), false);
    Map<String, Object> keys = new HashMap<>(FULL);
    keys.put("classes", List.of("bus"));
    for (String measure : List.of("regions", "largest-region")) {
      keys.put("measure", measure);
      keys.put("cameras", List.of("a"));
      names.require(rule(keys));
      keys.put("cameras", List.of());
      assertThatThrownBy(() -> names.require(rule(keys)))
          .hasMessage(
              "rule r: measure %s needs [bus] among the regions of the zone door of camera b, which"
                  + " are [car]",
              measure);
    }
    keys.put("measure", "share");
    names.require(rule(keys));
  }

  private static void refused(RuleNames names, String key, Object value, String message) {
    Map<String, Object> keys = new HashMap<>(FULL);
    keys.put(key, value);
    assertThatThrownBy(() -> names.require(rule(keys))).hasMessage(message);
  }
}
