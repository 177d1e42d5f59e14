package io.maskstream.deployment;

import io.maskstream.camera.CameraConfig;
import io.maskstream.camera.CameraRegistry;
import io.maskstream.camera.CameraSettings;
import io.maskstream.config.ConfigException;
import io.maskstream.event.Rule;
import io.maskstream.event.RuleNames;
import io.maskstream.event.RuleRegistry;
import io.maskstream.event.RuleSettings;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.stream.SegmentConfig;
import io.maskstream.topic.ClassTableRecords;
import io.maskstream.topic.CompactedTopic;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.viewer.RuleControl;
import io.maskstream.zone.Zone;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topic of rules, for the page's operators; and what rules may name. */
record DeployedRules(DeploymentConfig config, KafkaConnection kafka, RuleRegistry registry)
    implements RuleControl {
  private static final Logger log = LoggerFactory.getLogger(DeployedRules.class);

  DeployedRules(DeploymentConfig config, KafkaConnection kafka) {
    this(config, kafka, new RuleRegistry(kafka, config.topics()));
  }

  /** What is wrong with the classes of a file's rules, a sentence each; models are not loaded. */
  static List<String> problems(List<Rule> rules, SegmentConfig segment) {
    Set<String> classes = new HashSet<>();
    for (Path folder : segment.folders()) {
      try {
        classes.addAll(ModelBundle.read(folder).card().table().names());
      } catch (ModelException e) {
        return List.of(); // is said of the models
      }
    }
    RuleNames names = new RuleNames(Map.of(), classes, true);
    List<String> problems = new ArrayList<>();
    for (Rule rule : rules) {
      try {
        names.require(rule);
      } catch (IllegalArgumentException e) {
        problems.add(e.getMessage());
      }
    }
    return problems;
  }

  /** What the rules of a topology file may name. */
  static RuleNames names(List<CameraConfig> cameras, SegmentConfig segment) {
    Map<String, Map<String, Set<String>>> zones = new TreeMap<>();
    cameras.forEach(camera -> zones.put(camera.id(), regions(camera.zones())));
    return new RuleNames(zones, Set.of(), segment.unknown().isPresent());
  }

  private static Map<String, Set<String>> regions(List<Zone> zones) {
    return zones.stream().collect(Collectors.toMap(Zone::name, zone -> Set.copyOf(zone.regions())));
  }

  /** What rules may name now, by the topics of cameras and of class tables. */
  private RuleNames names() {
    Map<String, Map<String, Set<String>>> zones = new TreeMap<>();
    for (Map.Entry<String, CameraRegistry.Entry> entry :
        new CameraRegistry(kafka, config.topics()).list().entrySet()) {
      CameraSettings camera = entry.getValue().camera();
      try {
        zones.put(entry.getKey(), regions(camera.zones(entry.getKey())));
      } catch (ConfigException e) {
        log.warn("camera {} counts as one without zones: {}", entry.getKey(), e.getMessage());
      }
    }
    Set<String> classes = new HashSet<>();
    new CompactedTopic(
            kafka, config.topics().names().classTables(), config.topics().maxRecordBytes())
        .read((key, record) -> Optional.of(ClassTableRecords.read(record.value())))
        .values()
        .forEach(table -> classes.addAll(table.names()));
    return new RuleNames(zones, classes, config.segment().unknown().isPresent());
  }

  @Override
  public List<Known> list() {
    return registry.list().values().stream()
        .map(entry -> new Known(entry.rule(), origin(entry.record())))
        .toList();
  }

  private static Origin origin(RuleSettings record) {
    if (!record.ofFile()) {
      return Origin.PAGE;
    }
    return record.changed() ? Origin.CHANGED : Origin.FILE;
  }

  @Override
  public void put(String name, Map<String, @Nullable Object> settings)
      throws IOException, ConfigException {
    registry.put(name, settings, names());
  }

  @Override
  public void remove(String name) throws IOException {
    registry.remove(name);
  }
}
