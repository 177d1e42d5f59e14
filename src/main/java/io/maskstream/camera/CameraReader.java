package io.maskstream.camera;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import io.maskstream.metrics.Metrics;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one camera for as long as it is wanted: connect, read, reconnect with growing waits.
 *
 * <p>Native calls can hang for hours. The reader notes when it enters one, the {@link
 * CameraSupervisor} looks at the note from outside and abandons a reader that has been inside too
 * long; whatever an abandoned reader still reads is not passed on.
 */
final class CameraReader implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(CameraReader.class);

  /** Not inside a native call. */
  private static final long OUTSIDE = Long.MAX_VALUE;

  private static final double JITTER = 0.1;

  private final CameraConfig config;
  private final SourceFactory sources;
  private final FrameSink sink;
  private final Metrics metrics;
  private final InstantSource clock;
  private final AtomicLong epochs;
  private final AtomicLong enteredNanos = new AtomicLong(OUTSIDE);
  private volatile boolean abandoned;
  private volatile boolean finished;
  private long published;

  /**
   * A reader.
   *
   * @param epochs last epoch of this camera, shared with the readers before and after
   */
  CameraReader(
      CameraConfig config,
      SourceFactory sources,
      FrameSink sink,
      Metrics metrics,
      InstantSource clock,
      AtomicLong epochs) {
    this.config = config;
    this.sources = sources;
    this.sink = sink;
    this.metrics = metrics;
    this.clock = clock;
    this.epochs = epochs;
  }

  /** Nanoseconds that the reader has been inside a native call, 0 when outside. */
  long stuckNanos() {
    long entered = enteredNanos.get();
    return entered == OUTSIDE ? 0 : System.nanoTime() - entered;
  }

  /** Nothing more of this reader is passed on. */
  void abandon() {
    abandoned = true;
  }

  /** Whether the camera is over: the end of a file, or its last wanted frame. */
  boolean finished() {
    return finished;
  }

  private boolean wanted() {
    return !abandoned && !finished && !Thread.currentThread().isInterrupted();
  }

  @Override
  public void run() {
    try {
      while (wanted()) {
        connectAndRead();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("camera {}: the reader failed", config.id(), e);
    } finally {
      metrics.connected(config.id(), false);
    }
  }

  private void connectAndRead() throws InterruptedException {
    try (FrameSource source = Failsafe.with(retries()).get(this::open)) {
      if (!wanted()) {
        return;
      }
      long now = clock.millis();
      long before = epochs.getAndUpdate(last -> Math.max(last + 1, now));
      long epoch = epochs.get();
      if (before > 0 && !config.loop()) {
        metrics.reconnected(config.id());
      }
      if (before == 0 || !config.loop()) {
        log.info("camera {}: connected to {}", config.id(), config.address());
      }
      String end = new Session(source, epoch).read();
      metrics.connected(config.id(), false);
      if (wanted() && config.loop()) {
        log.debug("camera {}: {}; starting again", config.id(), end);
      } else if (wanted()) {
        log.warn("camera {}: {}; connecting again", config.id(), end);
        TimeUnit.NANOSECONDS.sleep(config.reconnectDelay().toNanos());
      }
    } catch (FailsafeException e) {
      if (e.getCause() instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      } else if (wanted()) {
        throw e;
      }
    }
  }

  private RetryPolicy<FrameSource> retries() {
    return RetryPolicy.<FrameSource>builder()
        .handle(CameraException.class)
        .withBackoff(config.reconnectDelay(), later(config))
        .withJitter(JITTER)
        .withMaxRetries(-1)
        .abortIf((source, failure) -> !wanted())
        .onRetryScheduled(
            event -> {
              Throwable failure = event.getLastException();
              log.warn(
                  "camera {}: cannot open {}: {}; trying again in {} ms",
                  config.id(),
                  config.address(),
                  failure == null ? "" : failure.getMessage(),
                  event.getDelay().toMillis());
            })
        .build();
  }

  /** Failsafe wants the longest wait to be above the first. */
  private static java.time.Duration later(CameraConfig config) {
    return config.maxReconnectDelay().compareTo(config.reconnectDelay()) > 0
        ? config.maxReconnectDelay()
        : config.reconnectDelay().plusMillis(1);
  }

  private FrameSource open() throws CameraException {
    enteredNanos.set(System.nanoTime());
    try {
      return sources.open(config);
    } finally {
      enteredNanos.set(OUTSIDE);
    }
  }

  /** One connection. */
  private final class Session {
    private final FrameSource source;
    private final long epoch;
    private final boolean paced;
    private long sequence;
    private final FrameRateCap rate = new FrameRateCap(config.fps());
    private long startNanos = System.nanoTime();

    Session(FrameSource source, long epoch) {
      this.source = source;
      this.epoch = epoch;
      this.paced = !source.live() && config.pacing() == CameraConfig.Pacing.REAL_TIME;
    }

    /** Reads until the connection is unusable and returns why. */
    String read() throws InterruptedException {
      while (wanted()) {
        Grab grab = grab();
        if (grab instanceof Grab.Failed failed) {
          return failed.reason();
        }
        if (grab instanceof Grab.Ended) {
          finished = !config.loop();
          return "the end of the file";
        }
        if (grab instanceof Grab.Frame frame && !abandoned) {
          take(frame);
        }
      }
      return "no longer wanted";
    }

    private Grab grab() {
      long start = System.nanoTime();
      enteredNanos.set(start);
      try {
        return source.grab();
      } finally {
        enteredNanos.set(OUTSIDE);
        metrics.stage(config.id(), "capture", System.nanoTime() - start);
      }
    }

    private void take(Grab.Frame frame) throws InterruptedException {
      if (!rate.admits(frame.mediaMicros())) {
        return;
      }
      if (paced) {
        awaitTurn(frame.mediaMicros());
      }
      metrics.connected(config.id(), true);
      long captureMicros = TimeUnit.NANOSECONDS.toMicros(epochNanos());
      sink.accept(
          new FrameSink.CapturedFrame(
              config.id(), epoch, sequence++, captureMicros, frame.mediaMicros(), frame.picture()));
      published++;
      finished = config.maxFrames().isPresent() && published >= config.maxFrames().get();
    }

    private long epochNanos() {
      var now = clock.instant();
      return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** Waits until the frame's time has come; a reader that is too slow plays slower. */
    private void awaitTurn(long mediaMicros) throws InterruptedException {
      long due = startNanos + mediaMicros * 1_000;
      long wait = due - System.nanoTime();
      if (wait > 0) {
        TimeUnit.NANOSECONDS.sleep(wait);
      } else {
        startNanos -= wait;
      }
    }
  }
}
