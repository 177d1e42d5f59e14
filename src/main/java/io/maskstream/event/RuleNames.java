package io.maskstream.event;

import io.maskstream.config.Checks;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the rules of a deployment may name; one that names anything else would never fire.
 *
 * @param zones of each camera, by the camera's id: the classes whose regions a zone counts, by its
 *     name; empty where no camera is known
 * @param classes of the models; empty where no model is known
 * @param unknown whether the share of pixels is counted whose class the model is not sure of
 */
public record RuleNames(
    Map<String, Map<String, Set<String>>> zones, Set<String> classes, boolean unknown) {
  public RuleNames {
    Map<String, Map<String, Set<String>>> sorted = new TreeMap<>();
    zones.forEach((camera, has) -> sorted.put(camera, new TreeMap<>(has)));
    zones = sorted;
    classes = new TreeSet<>(classes);
  }

  /** An IllegalArgumentException where the rule names what is not there: key, rule and value. */
  public void require(Rule rule) {
    String name = rule.name();
    for (String camera : rule.cameras()) {
      Checks.require(
          zones.isEmpty() || zones.containsKey(camera),
          "rule %s: cameras: no camera is called %s, there are %s"
              .formatted(name, camera, zones.keySet()));
    }
    rule.zone().ifPresent(zone -> requireZone(rule, zone));
    for (String label : rule.classes()) {
      Checks.require(
          classes.isEmpty() || classes.contains(label),
          "rule %s: classes: no model has the class %s, there are %s"
              .formatted(name, label, classes));
    }
    Checks.require(
        unknown || rule.measure() != Rule.Measure.UNKNOWN,
        "rule %s: measure unknown needs segment.unknown, such as {below: 0.5}".formatted(name));
    if (rule.measure().ofRegions()) {
      rule.zone().ifPresent(zone -> requireRegions(rule, zone));
    }
  }

  private void requireZone(Rule rule, String zone) {
    zones.forEach(
        (camera, has) ->
            Checks.require(
                !rule.cameras().contains(camera) || has.containsKey(zone),
                "rule %s: zone: camera %s has no zone %s, it has %s"
                    .formatted(rule.name(), camera, zone, has.keySet())));
    Checks.require(
        zones.isEmpty() || zones.values().stream().anyMatch(has -> has.containsKey(zone)),
        "rule %s: zone: no camera has a zone %s".formatted(rule.name(), zone));
  }

  private void requireRegions(Rule rule, String zone) {
    zones.forEach(
        (camera, has) -> {
          if (rule.watches(camera) && has.containsKey(zone)) {
            requireRegions(rule, camera, zone, has.get(zone));
          }
        });
  }

  private static void requireRegions(Rule rule, String camera, String zone, Set<String> counted) {
    Checks.require(
        counted.containsAll(rule.classes()),
        "rule %s: measure %s needs %s among the regions of the zone %s of camera %s, which are %s"
            .formatted(
                rule.name(),
                rule.measure().label(),
                rule.classes(),
                zone,
                camera,
                new TreeSet<>(counted)));
  }
}
