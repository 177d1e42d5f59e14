package io.maskstream.camera;

import io.maskstream.camera.CameraStatus.State;
import io.maskstream.frame.LogContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a thread for every camera and watches them from outside: a reader that hangs in a native
 * call, or whose thread ends, is replaced. Cameras share nothing but the sink.
 */
final class CameraSupervisor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CameraSupervisor.class);

  private static final Duration WATCH_INTERVAL = Duration.ofMillis(500);

  /** A call counts as hung after this multiple of the time in which it should have ended. */
  private static final int TIMEOUT = 2;

  /** Threads of one camera that may hang at once; with as many the camera is left alone. */
  static final int MAX_HUNG = 2;

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(3);

  private final Map<String, Watched> cameras = new TreeMap<>();
  private final CameraReader.Surroundings surroundings;
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "camera-watchdog"));

  /** A supervisor of no cameras yet. */
  CameraSupervisor(CameraReader.Surroundings surroundings) {
    this.surroundings = surroundings;
    var unused =
        watchdog.scheduleWithFixedDelay(
            this::watch,
            WATCH_INTERVAL.toMillis(),
            WATCH_INTERVAL.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private final class Watched {
    final CameraConfig config;
    final CameraReader.Course course;
    final List<Thread> hung = new ArrayList<>();
    CameraReader reader;
    Thread thread;

    Watched(CameraConfig config, AtomicLong epochs) {
      this.config = config;
      this.course = CameraReader.Course.begin(epochs, new Backoff(config, new SplittableRandom()));
      this.reader = new CameraReader(config, surroundings, course);
      this.thread = start();
    }

    private Thread start() {
      Thread started = new Thread(reader, "camera-" + config.id());
      started.setDaemon(true); // a thread that hangs in a native call must not keep the process
      started.setUncaughtExceptionHandler(
          (failed, failure) -> log.error("{}: its thread ended", config.id(), failure));
      started.start();
      return started;
    }

    @SuppressWarnings("try") // the context is for what is logged inside
    void replaceIfNeeded() {
      hung.removeIf(left -> !left.isAlive());
      if (reader.finished() || hung.size() >= MAX_HUNG) {
        return;
      }
      if (reader.stuck().compareTo(reader.callLimit().multipliedBy(TIMEOUT)) > 0) {
        try (var unusedContext = LogContext.ofCamera(config.id())) {
          log.error(
              "{}: a native call hangs for {} ms; abandoning its thread",
              config.id(),
              reader.stuck().toMillis());
        }
        reader.abandon();
        thread.interrupt();
        hung.add(thread);
      } else if (thread.isAlive()) {
        return;
      }
      surroundings.metrics().cameras().connected(config.id(), false);
      if (hung.size() < MAX_HUNG) {
        reader = new CameraReader(config, surroundings, course);
        thread = start();
      }
    }

    CameraStatus status() {
      return hung.size() < MAX_HUNG
          ? reader.status()
          : new CameraStatus(
              State.WAITING,
              "%d threads hang in native calls; it is tried again when one returns"
                  .formatted(hung.size()),
              java.util.Optional.empty());
    }
  }

  /**
   * Starts reading a camera that is not read now.
   *
   * @param epochs its last epoch; each connection has the next one
   */
  synchronized void start(CameraConfig config, AtomicLong epochs) {
    if (!watchdog.isShutdown()) {
      cameras.put(config.id(), new Watched(config, epochs));
    }
  }

  /** Stops reading some cameras and waits a little for their threads. */
  void stop(Collection<String> ids) {
    List<Watched> stopped;
    synchronized (this) {
      stopped = ids.stream().map(cameras::remove).filter(Objects::nonNull).toList();
    }
    stop(stopped);
  }

  private static void stop(List<Watched> cameras) {
    cameras.forEach(camera -> camera.reader.abandon());
    cameras.forEach(camera -> camera.thread.interrupt());
    long end = System.nanoTime() + STOP_TIMEOUT.toNanos(); // for all: many may hang
    for (Watched camera : cameras) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(camera.thread, Math.max(1, end - System.nanoTime()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void watch() {
    if (watchdog.isShutdown()) {
      return; // it has waited for the stop
    }
    for (Watched camera : cameras.values()) {
      try {
        camera.replaceIfNeeded();
      } catch (RuntimeException | LinkageError e) { // or the executor would never call again
        log.error("{}: cannot be watched", camera.config.id(), e);
      }
    }
  }

  /** What each camera does, by id. */
  synchronized Map<String, CameraStatus> statuses() {
    Map<String, CameraStatus> all = new TreeMap<>();
    cameras.forEach((id, camera) -> all.put(id, camera.status()));
    return all;
  }

  /** Whether every camera is over: files at their end, frame limits reached. */
  synchronized boolean finished() {
    return cameras.values().stream().allMatch(camera -> camera.reader.finished());
  }

  @Override
  public void close() {
    List<Watched> all;
    synchronized (this) {
      watchdog.shutdownNow();
      all = List.copyOf(cameras.values());
    }
    stop(all);
  }
}
