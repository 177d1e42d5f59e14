package io.maskstream.topic;

import java.util.List;

/**
 * Names of the topics of one deployment.
 *
 * @param prefix before every name; letters, digits, dots and hyphens
 */
public record TopicNames(String prefix) {
  public static final String DEFAULT_PREFIX = "maskstream";

  public TopicNames {
    if (!prefix.matches("[A-Za-z0-9.-]{1,100}")) {
      throw new IllegalArgumentException(
          "topic prefix must be 1 to 100 letters, digits, dots or hyphens, is '" + prefix + "'");
    }
  }

  private String name(String topic) {
    return prefix + "." + topic;
  }

  /** Encoded images by camera. */
  public String frames() {
    return name("frames");
  }

  /** Masks by camera. */
  public String segmentedFrames() {
    return name("segmented-frames");
  }

  /** Pictures without some classes by camera, where the deployment makes them. */
  public String redactedFrames() {
    return name("redacted-frames");
  }

  /** Shares of the classes, a record a frame. */
  public String classStats() {
    return name("class-stats");
  }

  /** Shares of the classes over time windows. */
  public String classStatsWindowed() {
    return name("class-stats-windowed");
  }

  /** Events of the rules by camera. */
  public String events() {
    return name("events");
  }

  /** One record for every frame that was read and not segmented. */
  public String drops() {
    return name("drops");
  }

  /** Records that could not be processed. */
  public String deadLetters() {
    return name("dead-letters");
  }

  /** Class tables by id, compacted. */
  public String classTables() {
    return name("class-tables");
  }

  /** What each camera does and why, compacted by camera. */
  public String cameraStatus() {
    return name("camera-status");
  }

  /** Settings of cameras by id, and who reads them; compacted. */
  public String cameras() {
    return name("cameras");
  }

  /** What is watched for in the masks, by the rule's name; compacted. */
  public String rules() {
    return name("rules");
  }

  /** Requests of operators by camera. */
  public String control() {
    return name("control");
  }

  /** Orders to change models, compacted by the model's place. */
  public String modelOrders() {
    return name("model-orders");
  }

  /** Outcomes of rollout commands, one record per worker. */
  public String modelReports() {
    return name("model-reports");
  }

  public List<String> all() {
    return List.of(
        frames(),
        segmentedFrames(),
        redactedFrames(),
        classStats(),
        classStatsWindowed(),
        events(),
        drops(),
        deadLetters(),
        classTables(),
        cameraStatus(),
        cameras(),
        rules(),
        control(),
        modelOrders(),
        modelReports());
  }
}
