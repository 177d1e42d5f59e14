package io.maskstream.camera;

import io.maskstream.config.ConfigException;
import io.maskstream.topic.FollowedTopic;
import io.maskstream.topic.Json;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import io.maskstream.zone.Zone;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The zones of all cameras for a worker, which follows the topic {@code cameras}: a zone that is
 * changed there counts from the next frames on.
 */
public final class CameraZones implements AutoCloseable {
  private static final String NAME = "camera-zones";

  private final FollowedTopic<List<Zone>> zones;

  /**
   * Reads what there is, then follows.
   *
   * @param settings of the consumer, without deserializers
   */
  public CameraZones(
      Map<String, Object> settings, TopicNames topics, RecordLoop.Observer observer) {
    zones = new FollowedTopic<>(NAME, topics.cameras(), settings, CameraZones::read, observer);
  }

  private static Optional<List<Zone>> read(String camera, byte[] record) {
    if (camera.equals(OwnerClaim.KEY)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.read(record, CameraSettings.class).zones(camera));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Zones of a camera. */
  public List<Zone> of(String camera) {
    return zones.values().getOrDefault(camera, List.of());
  }

  /** How the reading is. */
  public RecordLoop.Status status() {
    return zones.status();
  }

  @Override
  public void close() {
    zones.close();
  }
}
