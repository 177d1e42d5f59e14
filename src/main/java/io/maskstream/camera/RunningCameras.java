package io.maskstream.camera;

import io.maskstream.frame.Silence;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cameras that this process reads, each with its metrics and its health. What is kept of a
 * camera that has gone is forgotten after a time. Changes come from one thread.
 */
public final class RunningCameras implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunningCameras.class);

  /** A camera without a frame for this long is reported as stuck; a slow one later. */
  private static final Duration STUCK = Duration.ofSeconds(10);

  private final CameraSupervisor supervisor;
  private final FramePublisher publisher;
  private final Parts parts;
  private final Map<String, CameraStatus> refused = new ConcurrentHashMap<>();
  private final Map<String, Long> gone = new HashMap<>();

  /**
   * What cameras are run with.
   *
   * @param tap where frames go; the publisher, or what puts itself before it
   * @param forgetAfter time after which a camera that has gone is forgotten
   */
  public record Parts(
      FramePublisher publisher,
      FrameSink tap,
      Metrics metrics,
      Health health,
      Duration forgetAfter,
      InstantSource clock) {}

  RunningCameras(Parts parts) {
    this.parts = parts;
    this.publisher = parts.publisher();
    this.supervisor =
        new CameraSupervisor(
            new CameraReader.Surroundings(
                new UrlSources(), parts.tap(), parts.metrics(), parts.clock()));
  }

  /**
   * Starts a camera, or changes it: its reader is replaced, the others go on.
   *
   * @param epochs its last epoch; the next connection has the one after
   */
  void start(CameraConfig config, AtomicLong epochs) {
    log.info("camera {}", config);
    supervisor.stop(List.of(config.id()));
    refused.remove(config.id());
    report(config.id());
    publisher.add(config);
    supervisor.start(config, epochs);
  }

  /** A camera is not read for a reason that lies in its settings or in this process. */
  void refuse(String id, String reason) {
    log.error("camera {} is not read: {}", id, reason);
    supervisor.stop(List.of(id));
    publisher.remove(id);
    refused.put(id, CameraStatus.refused(reason));
    report(id);
  }

  /** A camera that is ours has metrics and a line on the health pages. */
  private void report(String id) {
    gone.remove(id);
    parts.metrics().cameras().configured(id);
    parts.health().add(checkName(id), Health.Severity.DEGRADED, () -> check(id));
  }

  /** Stops cameras; none is read any more when this returns, unless it hangs in a native call. */
  void stop(Collection<String> ids) {
    supervisor.stop(ids);
    for (String id : ids) {
      refused.remove(id);
      publisher.remove(id);
      parts.health().remove(checkName(id));
      parts.metrics().cameras().left(id);
      gone.put(id, parts.clock().millis());
    }
  }

  /** Forgets those that have been gone long enough. */
  void forget() {
    long before = parts.clock().millis() - parts.forgetAfter().toMillis();
    gone.entrySet()
        .removeIf(
            entry -> {
              boolean old = entry.getValue() <= before;
              if (old) {
                parts.metrics().forgetReading(entry.getKey());
                publisher.forget(entry.getKey());
              }
              return old;
            });
  }

  private static String checkName(String id) {
    return "camera " + id;
  }

  /** A camera is well while it delivers; one that has ended by itself is, too. */
  private Health.CheckResult check(String id) {
    CameraStatus status = statuses().get(id);
    if (status == null) {
      return new Health.CheckResult(false, "not started");
    }
    if (status.state() != CameraStatus.State.DELIVERING) {
      return new Health.CheckResult(
          status.state() == CameraStatus.State.FINISHED, status.sentence(parts.clock().instant()));
    }
    double age = parts.clock().millis() / 1e3 - parts.metrics().cameras().lastFrameSeconds(id);
    long interval = (long) (1e3 * parts.metrics().cameras().frameIntervalSeconds(id));
    return 1e3 * age < Silence.after(STUCK, interval).toMillis()
        ? new Health.CheckResult(true, "delivers frames")
        : new Health.CheckResult(false, "last frame %.0f s ago".formatted(age));
  }

  /** What each camera does, by id. */
  Map<String, CameraStatus> statuses() {
    Map<String, CameraStatus> all = supervisor.statuses();
    all.putAll(refused);
    return all;
  }

  /** Whether every camera is over: files at their end, frame limits reached. */
  boolean finished() {
    return supervisor.finished();
  }

  /** Stops all. */
  @Override
  public void close() {
    supervisor.close();
  }
}
