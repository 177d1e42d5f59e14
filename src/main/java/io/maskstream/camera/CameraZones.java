package io.maskstream.camera;

import io.maskstream.config.ConfigException;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.Json;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import io.maskstream.zone.Zone;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The zones of all cameras for a worker, which follows the topic {@code cameras}: a zone that is
 * changed there counts from the next frames on.
 */
public final class CameraZones implements AutoCloseable {
  private static final String NAME = "camera-zones";

  private final Map<String, List<Zone>> zones = new ConcurrentHashMap<>();
  private final RecordLoop loop;

  /**
   * Reads what there is, then follows.
   *
   * @param settings of the consumer, without deserializers
   */
  public CameraZones(
      Map<String, Object> settings, TopicNames topics, RecordLoop.Observer observer) {
    RecordLoop.Subject cameras = new RecordLoop.Subject(NAME, Set.of(topics.cameras()), Set.of());
    this.loop = new RecordLoop(cameras, settings, this::take, observer);
    loop.catchUp();
    loop.start();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    String camera = FrameMetadata.camera(record);
    if (camera.equals(OwnerClaim.KEY)) {
      return;
    }
    if (record.value() == null) {
      zones.remove(camera);
      return;
    }
    try {
      CameraSettings found = Json.read(record.value(), CameraSettings.class);
      zones.put(camera, found.withoutReferences(camera).zones());
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Zones of a camera. */
  public List<Zone> of(String camera) {
    return zones.getOrDefault(camera, List.of());
  }

  /** How the reading is. */
  public RecordLoop.Status status() {
    return loop.status();
  }

  @Override
  public void close() {
    loop.close();
  }
}
