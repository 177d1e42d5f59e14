package io.maskstream.camera;

import io.maskstream.config.Checks;
import io.maskstream.config.ConfigException;
import io.maskstream.topic.CompactedTopic;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cameras of a deployment: the compacted topic {@code cameras}, read and written. Whoever owns
 * a camera follows the topic, so a change takes effect within moments.
 */
public final class CameraRegistry {
  private static final Logger log = LoggerFactory.getLogger(CameraRegistry.class);

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

  /** All cameras by id. */
  public Map<String, Entry> list() {
    Map<String, CameraSettings> cameras = new TreeMap<>();
    Map<String, Integer> places = new TreeMap<>();
    Map<Integer, String> owners = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> record : topic.readAll()) {
      String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
      if (key.equals(OwnerClaim.KEY)) {
        OwnerClaim.read(record.value()).ifPresent(c -> owners.put(record.partition(), c.owner()));
      } else if (record.value() == null) {
        cameras.remove(key);
      } else {
        read(key, record.value())
            .ifPresent(
                camera -> {
                  cameras.put(key, camera);
                  places.put(key, record.partition());
                });
      }
    }
    Map<String, Entry> entries = new TreeMap<>();
    cameras.forEach(
        (id, camera) ->
            entries.put(id, new Entry(camera, owners.getOrDefault(places.get(id), ""))));
    return entries;
  }

  /** Empty where anybody has written what is no camera: the others go on. */
  private static Optional<CameraSettings> read(String id, byte[] value) {
    try {
      return Optional.of(Json.read(value, CameraSettings.class));
    } catch (SerializationException e) {
      log.warn("the record of camera '{}' is skipped: {}", id, e.getMessage());
      return Optional.empty();
    }
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
