package io.maskstream.camera;

import io.maskstream.metrics.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a thread for every camera and watches them from outside: a reader that hangs in a native
 * call is abandoned and replaced, whatever becomes of its thread. Cameras share nothing but the
 * sink.
 */
public final class CameraSupervisor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CameraSupervisor.class);

  private static final Duration WATCH_INTERVAL = Duration.ofMillis(500);

  /** A native call may take its own timeout twice (open, then probe) before it counts as hung. */
  private static final int TIMEOUT = 3;

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(3);

  private final List<Watched> cameras = new ArrayList<>();
  private final SourceFactory sources;
  private final FrameSink sink;
  private final Metrics metrics;
  private final InstantSource clock;
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "camera-watchdog"));

  /** Starts reading. */
  public CameraSupervisor(
      List<CameraConfig> configs, FrameSink sink, Metrics metrics, InstantSource clock) {
    this(configs, SourceFactory::byUrl, sink, metrics, clock);
  }

  CameraSupervisor(
      List<CameraConfig> configs,
      SourceFactory sources,
      FrameSink sink,
      Metrics metrics,
      InstantSource clock) {
    this.sources = sources;
    this.sink = sink;
    this.metrics = metrics;
    this.clock = clock;
    configs.forEach(config -> cameras.add(new Watched(config)));
    var unused =
        watchdog.scheduleWithFixedDelay(
            this::watch,
            WATCH_INTERVAL.toMillis(),
            WATCH_INTERVAL.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private final class Watched {
    final CameraConfig config;
    final AtomicLong epochs = new AtomicLong();
    CameraReader reader;
    Thread thread;

    Watched(CameraConfig config) {
      this.config = config;
      this.reader = new CameraReader(config, sources, sink, metrics, clock, epochs);
      this.thread = start();
    }

    private Thread start() {
      Thread started = new Thread(reader, "camera-" + config.id());
      started.setDaemon(true); // a thread that hangs in a native call must not keep the process
      started.start();
      return started;
    }

    void replaceIfStuck() {
      if (reader.stuckNanos() < config.timeout().multipliedBy(TIMEOUT).toNanos()) {
        return;
      }
      log.error(
          "camera {}: a native call hangs for {} ms; abandoning its thread",
          config.id(),
          TimeUnit.NANOSECONDS.toMillis(reader.stuckNanos()));
      reader.abandon();
      thread.interrupt();
      reader = new CameraReader(config, sources, sink, metrics, clock, epochs);
      thread = start();
    }
  }

  private synchronized void watch() {
    cameras.forEach(Watched::replaceIfStuck);
  }

  /** Whether every camera is over: files at their end, frame limits reached. */
  public synchronized boolean finished() {
    return cameras.stream().allMatch(camera -> camera.reader.finished());
  }

  @Override
  public synchronized void close() {
    watchdog.shutdownNow();
    cameras.forEach(camera -> camera.reader.abandon());
    cameras.forEach(camera -> camera.thread.interrupt());
    for (Watched camera : cameras) {
      try {
        camera.thread.join(STOP_TIMEOUT.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
