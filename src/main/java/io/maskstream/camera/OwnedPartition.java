package io.maskstream.camera;

import io.maskstream.config.ConfigException;
import io.maskstream.topic.Json;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition of the topic {@code cameras} that this process owns: its records are read first, then
 * claimed, then its cameras run, and every later record changes one of them. Used by one thread.
 */
final class OwnedPartition {
  private static final Logger log = LoggerFactory.getLogger(OwnedPartition.class);

  private final RunningCameras running;
  private final Map<String, String> variables;
  private final Map<String, CameraSettings> cameras = new TreeMap<>();
  private final Map<String, String> unreadable = new TreeMap<>();
  private final Map<String, AtomicLong> epochs = new TreeMap<>();
  private Optional<RecordMetadata> claim = Optional.empty();
  private long lastClaimMillis;
  private long end;
  private long next;

  /**
   * A partition of which nothing was read yet.
   *
   * @param variables that settings may name
   * @param end offset after the last record that was there when the partition was taken
   */
  OwnedPartition(RunningCameras running, Map<String, String> variables, long end) {
    this.running = running;
    this.variables = variables;
    this.end = end;
  }

  boolean unclaimed() {
    return claim.isEmpty();
  }

  /** Whether all records that were there are read, so that the cameras can be claimed. */
  boolean claimable(long position) {
    return claim.isEmpty() && position >= end;
  }

  /** The group had forgotten this process and gives it the partition again. */
  void takenAgain(long newEnd) {
    end = newEnd;
  }

  /** Offset of the record to read next. */
  long next() {
    return next;
  }

  /** The broker has this process's claim: the cameras run from now on. */
  void claimed(RecordMetadata place) {
    claim = Optional.of(place);
    next = Math.max(next, place.offset());
    lastClaimMillis = Math.max(lastClaimMillis + 1, place.timestamp());
    cameras.forEach(this::start);
    unreadable.forEach(running::refuse);
  }

  /** A record of the topic. */
  void read(ConsumerRecord<byte[], byte[]> record) {
    next = record.offset() + 1;
    String id = new String(record.key(), StandardCharsets.UTF_8);
    if (id.equals(OwnerClaim.KEY)) {
      readClaim(record);
      return;
    }
    Optional<CameraSettings> before = Optional.ofNullable(cameras.remove(id));
    unreadable.remove(id);
    readCamera(id, record.value());
    Optional<CameraSettings> now = Optional.ofNullable(cameras.get(id));
    if (claim.isEmpty() || runsAlike(before, now)) {
      return;
    }
    if (unreadable.containsKey(id)) {
      running.refuse(id, unreadable.get(id));
    } else {
      now.filter(camera -> !camera.paused())
          .ifPresentOrElse(camera -> start(id, camera), () -> running.stop(List.of(id)));
    }
  }

  private void readCamera(String id, byte @Nullable [] value) {
    if (value == null) {
      return;
    }
    try {
      cameras.put(id, Json.read(value, CameraSettings.class));
    } catch (SerializationException | IllegalArgumentException e) {
      unreadable.put(id, "its record is not readable: " + e.getMessage());
    }
  }

  /** A claim after ours: the group has given the partition away and we have not noticed. */
  private void readClaim(ConsumerRecord<byte[], byte[]> record) {
    lastClaimMillis = Math.max(lastClaimMillis, record.timestamp());
    if (claim.isPresent() && record.offset() > claim.get().offset()) {
      log.warn("another process has claimed the cameras of partition {}", record.partition());
      claim = Optional.empty();
      epochs.clear(); // the next claim gives new ones
      running.stop(ids());
    }
  }

  private static boolean runsAlike(Optional<CameraSettings> before, Optional<CameraSettings> now) {
    return before.isPresent()
        && now.isPresent()
        && before.get().paused() == now.get().paused()
        && (before.get().paused() || before.get().settings().equals(now.get().settings()));
  }

  private void start(String id, CameraSettings camera) {
    if (camera.paused()) {
      return;
    }
    try {
      CameraConfig config = camera.toConfig(id, variables);
      running.start(config, epochs.computeIfAbsent(id, key -> new AtomicLong(lastClaimMillis - 1)));
    } catch (ConfigException e) {
      running.refuse(id, String.join("; ", e.problems()));
    } catch (RuntimeException | LinkageError e) { // FFmpeg cannot be loaded, or the like
      log.error("camera {} cannot be started", id, e);
      running.refuse(id, "it cannot be started: " + e);
    }
  }

  /** Ids of all its cameras. */
  Collection<String> ids() {
    return Stream.of(cameras, unreadable).flatMap(map -> map.keySet().stream()).toList();
  }
}
