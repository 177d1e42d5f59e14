package io.maskstream.deployment;

import io.maskstream.camera.CameraConfig;
import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import io.maskstream.config.YamlReader;
import io.maskstream.event.Rule;
import io.maskstream.event.WebhookConfig;
import io.maskstream.metrics.MonitorConfig;
import io.maskstream.stream.SegmentConfig;
import io.maskstream.stream.SegmentConfig.ModelForCameras;
import io.maskstream.topic.GroupConfig;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.PicturesConfig;
import io.maskstream.topic.TopicSettings;
import io.maskstream.viewer.ViewConfig;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;

/** A deployment: what a topology file says. */
@RecordBuilder
public record DeploymentConfig(
    @Key("Name of the deployment; workers of one name share the cameras.") String name,
    @Key("The Kafka cluster.") KafkaConnection kafka,
    @Key(value = "The broker in this process, for kafka.bootstrap: embedded.", defaultValue = "{}")
        BrokerConfig broker,
    @Key(value = "How topics are named and created.", defaultValue = "{}") TopicSettings topics,
    @Key(value = "How processes of one role share the work.", defaultValue = "{}")
        GroupConfig group,
    @Key(
            value = "Where the pictures of frames wait for the worker; docs/redaction.md.",
            defaultValue = "{}")
        PicturesConfig pictures,
    @Key(
            value =
                "Cameras that the ingest role puts into the topic of cameras; its processes share all"
                    + " that are there.",
            defaultValue = "[]")
        List<CameraConfig> cameras,
    @Key(
            value =
                "After this time without a frame what is kept of a camera is forgotten: its metrics"
                    + " and its memory.",
            defaultValue = "10m")
        Duration forgetAfter,
    @Key(
            value =
                "What is watched for in the masks; makes events. The segment role puts them into the"
                    + " topic of rules, which operators change.",
            defaultValue = "[]")
        List<Rule> rules,
    @Key("Where the view role sends the events over HTTP.") Optional<WebhookConfig> webhook,
    @Key(value = "The segment role.", defaultValue = "{}") SegmentConfig segment,
    @Key(value = "The view role.", defaultValue = "{}") ViewConfig view,
    @Key(value = "Metrics, health and log, in every role.", defaultValue = "{}")
        MonitorConfig monitor)
    implements DeploymentConfigBuilder.With {

  /** The broker in this process. */
  public record BrokerConfig(
      @Key("Folder of its data; a temporary one, deleted at the end, where it is left out.")
          Optional<Path> folder,
      @Key(value = "Port for clients; 0 for any.", defaultValue = "0") int port) {
    public BrokerConfig {
      Checks.require(port >= 0 && port <= 65_535, "port must be 0 to 65535, is " + port);
    }
  }

  public DeploymentConfig {
    cameras = List.copyOf(cameras);
    rules = List.copyOf(rules);
    List<CameraConfig> configured = cameras;
    requireNoOtherWay(pictures, segment);
    Checks.require(
        name.matches("[A-Za-z0-9._-]{1,100}"),
        "name must be 1 to 100 letters, digits, dots, hyphens or underscores, is '" + name + "'");
    for (ModelForCameras entry : segment.models()) {
      List<String> unknown =
          entry.cameras().stream()
              .filter(id -> configured.stream().noneMatch(camera -> camera.id().equals(id)))
              .toList();
      Checks.require(
          configured.isEmpty() || unknown.isEmpty(),
          "segment.models: no camera is called %s".formatted(unknown));
    }
    rules.forEach(DeployedRules.names(cameras, segment)::require);
    Checks.require(
        rules.stream().map(Rule::name).distinct().count() == rules.size(),
        "rules must have different names");
    Set<String> ids = new HashSet<>();
    for (CameraConfig camera : cameras) {
      Checks.require(ids.add(camera.id()), "two cameras have the id '" + camera.id() + "'");
      int partition = camera.partition().orElse(0);
      Checks.require(
          partition >= 0 && partition < topics.partitions(),
          "the partition of camera %s must be 0 to %d (topics.partitions), is %d"
              .formatted(camera.id(), topics.partitions() - 1, partition));
    }
  }

  /** Pictures that must not go to Kafka go there in no other form either. */
  private static void requireNoOtherWay(PicturesConfig pictures, SegmentConfig segment) {
    if (pictures.held()) {
      Checks.require(
          !segment.overlay(),
          "segment.overlay must be false with pictures.place: process, because it shows the picture;"
              + " is true");
      Checks.require(
          segment.live(),
          "segment.maxAge must be a time with pictures.place: process, because a replay's state"
              + " holds a small picture; is none");
    }
  }

  /** The defaults with a name and a cluster. */
  public static DeploymentConfig of(String name, String bootstrap) {
    return YamlReader.defaults(
        DeploymentConfig.class, Map.of("name", name, "kafka", Map.of("bootstrap", bootstrap)));
  }

  /** The same deployment with model paths that are not found here taken from another folder. */
  public DeploymentConfig withHome(Path home) {
    List<ModelForCameras> models =
        segment.models().stream()
            .map(entry -> new ModelForCameras(found(entry.model(), home), entry.cameras()))
            .toList();
    SegmentConfig moved = segment.withModel(found(segment.model(), home)).withModels(models);
    return withSegment(moved);
  }

  private static Path found(Path model, Path home) {
    return model.isAbsolute() || Files.exists(model) ? model : home.resolve(model);
  }

  public boolean embedded() {
    return kafka.bootstrap().equals(KafkaConnection.EMBEDDED);
  }

  /** This process in a group of its cluster. */
  GroupMember member(String name, Admin admin) throws InterruptedException {
    return group.member(name, admin, embedded());
  }
}
