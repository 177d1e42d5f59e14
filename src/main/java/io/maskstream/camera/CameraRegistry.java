package io.maskstream.camera;

import io.maskstream.config.Checks;
import io.maskstream.config.ConfigException;
import io.maskstream.topic.CompactedTopic;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicSettings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The cameras of a deployment: the compacted topic {@code cameras}, read and written. Whoever owns
 * a camera follows the topic, so a change takes effect within moments.
 */
public final class CameraRegistry {
  private final CompactedTopic topic;
  private final int partitions;

  public CameraRegistry(KafkaConnection kafka, TopicSettings topics) {
    this.topic = new CompactedTopic(kafka, topics.names().cameras(), topics.maxRecordBytes());
    this.partitions = topics.partitions();
  }

  /**
   * A camera.
   *
   * @param owner the process that reads it or did last; empty before the first
   */
  public record Entry(CameraSettings camera, String owner) {}

  /** A camera and the partition that it is in, whose owner reads it. */
  private record Placed(CameraSettings camera, int partition) {}

  /** All cameras by id. */
  public Map<String, Entry> list() {
    Map<Integer, String> owners = new TreeMap<>();
    Map<String, Placed> cameras =
        topic.read(
            (key, record) -> {
              if (key.equals(OwnerClaim.KEY)) {
                OwnerClaim.read(record.value())
                    .ifPresent(claim -> owners.put(record.partition(), claim.owner()));
                return Optional.empty();
              }
              CameraSettings camera = Json.read(record.value(), CameraSettings.class);
              return Optional.of(new Placed(camera, record.partition()));
            });
    Map<String, Entry> entries = new TreeMap<>();
    cameras.forEach(
        (id, placed) ->
            entries.put(
                id, new Entry(placed.camera(), owners.getOrDefault(placed.partition(), ""))));
    return entries;
  }

  private CameraSettings camera(String id) {
    Entry found = list().get(id);
    if (found == null) {
      throw new IllegalArgumentException("there is no camera '" + id + "'");
    }
    return found.camera();
  }

  /** Adds a camera that is not there yet. */
  public void add(String id, Map<String, @Nullable Object> settings)
      throws IOException, ConfigException {
    Checks.require(!list().containsKey(id), "there is a camera '" + id + "' already");
    put(id, CameraSettings.of(Map.of()).with(settings));
  }

  /** Changes some settings of a camera; a null value is the default. */
  public void set(String id, Map<String, @Nullable Object> changes)
      throws IOException, ConfigException {
    put(id, camera(id).with(changes));
  }

  /** Pauses a camera or goes on with it. */
  public void pause(String id, boolean paused) throws IOException {
    topic.write(Map.of(id, camera(id).withPaused(paused)));
  }

  /** Removes a camera. One that is in a topology file comes back when its process starts again. */
  public void remove(String id) throws IOException {
    var unused = camera(id);
    Map<String, @Nullable CameraSettings> gone = new TreeMap<>();
    gone.put(id, null);
    topic.write(gone);
  }

  private void put(String id, CameraSettings camera) throws IOException, ConfigException {
    check(id, camera);
    topic.write(Map.of(id, camera));
  }

  private void check(String id, CameraSettings camera) throws ConfigException {
    camera.check(id);
    if (camera.settings().get("partition") instanceof Number partition) {
      Checks.require(
          partition.intValue() >= 0 && partition.intValue() < partitions,
          "the partition of camera %s must be 0 to %d (topics.partitions), is %s"
              .formatted(id, partitions - 1, partition));
    }
  }

  /**
   * Puts the cameras of a topology file. What an operator has changed since stays, unless the file
   * has changed, too.
   */
  public void putFile(List<CameraConfig> cameras) throws IOException, ConfigException {
    if (cameras.isEmpty()) {
      return;
    }
    Map<String, Entry> existing = list();
    Map<String, @Nullable CameraSettings> changed = new TreeMap<>();
    for (CameraConfig config : cameras) {
      CameraSettings camera = CameraSettings.ofFile(config);
      check(config.id(), camera);
      Entry found = existing.get(config.id());
      if (found == null) {
        changed.put(config.id(), camera);
      } else if (!found.camera().file().equals(asRead(camera).file())) {
        changed.put(config.id(), camera.withPaused(found.camera().paused()));
      }
    }
    topic.write(changed);
  }

  /** Numbers and lists as JSON has them, for comparison. */
  private static CameraSettings asRead(CameraSettings camera) {
    return Json.read(Json.write(camera), CameraSettings.class);
  }
}
