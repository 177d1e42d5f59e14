package io.maskstream.camera;

import io.maskstream.camera.CameraException.Kind;
import io.maskstream.camera.CameraStatus.State;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.LogContext;
import io.maskstream.frame.Micros;
import io.maskstream.metrics.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one camera for as long as it is wanted: connect, read, reconnect with growing waits.
 *
 * <p>Every native call has a deadline. Should one hang nevertheless (a name server, a driver), the
 * {@link CameraSupervisor} sees it from outside and abandons the reader; whatever an abandoned
 * reader still reads is not passed on.
 */
final class CameraReader implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(CameraReader.class);

  /** Not inside a native call. */
  private static final long OUTSIDE = Long.MAX_VALUE;

  private static final double MILLIS_PER_SECOND = 1_000;

  private final CameraConfig config;
  private final Surroundings surroundings;
  private final Course course;
  private final Metrics metrics;
  private final CallDeadline deadline = new CallDeadline();
  private final AtomicLong enteredNanos = new AtomicLong(OUTSIDE);
  private volatile boolean abandoned;
  private volatile CameraStatus status = CameraStatus.of(State.CONNECTING);

  /** What the readers of all cameras share. */
  record Surroundings(
      SourceFactory sources, FrameSink sink, Metrics metrics, InstantSource clock) {}

  /**
   * What the readers of one camera hand on to each other.
   *
   * @param epochs last epoch
   * @param connected whether there was a connection before
   * @param published frames passed on
   */
  record Course(
      AtomicLong epochs, AtomicBoolean connected, AtomicLong published, Backoff backoff) {}

  CameraReader(CameraConfig config, Surroundings surroundings, Course course) {
    this.config = config;
    this.surroundings = surroundings;
    this.course = course;
    this.metrics = surroundings.metrics();
  }

  /** How long the reader has been inside a native call; zero when outside. */
  Duration stuck() {
    long entered = enteredNanos.get();
    return entered == OUTSIDE ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - entered);
  }

  /** Nothing more of this reader is passed on; a native call of FFmpeg ends at once. */
  void abandon() {
    abandoned = true;
    deadline.cancel();
  }

  CameraStatus status() {
    return status;
  }

  /** Whether the camera is over: the end of a file, or its last wanted frame. */
  boolean finished() {
    return status.state() == State.FINISHED;
  }

  private boolean wanted() {
    return !abandoned && !finished() && !Thread.currentThread().isInterrupted();
  }

  @Override
  @SuppressWarnings("try") // the context is for what is logged inside
  public void run() {
    try (var unusedContext = LogContext.ofCamera(config.id())) {
      while (wanted()) {
        attempt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      deadline.close();
      if (!abandoned) {
        metrics.cameras().connected(config.id(), false);
      }
    }
  }

  /** One connection from its opening to its end, and the wait after it. */
  private void attempt() throws InterruptedException {
    status = CameraStatus.connecting(status.reason());
    CameraException end;
    try {
      end = new CameraException(Kind.PASSING, connectAndRead());
    } catch (CameraException e) {
      end = e;
    } catch (RuntimeException | LinkageError e) {
      log.error("{}: its reader failed", config.id(), e);
      end = new CameraException(Kind.PASSING, "its reader failed: " + e);
    }
    if (!wanted()) {
      return;
    }
    metrics.cameras().connected(config.id(), false);
    if (config.loop() && status.state() == State.DELIVERING) {
      return; // a file that starts again
    }
    await(course.backoff().next(end.kind()), String.valueOf(end.getMessage()));
  }

  private void await(Duration wait, String reason) throws InterruptedException {
    status = CameraStatus.waiting(reason, surroundings.clock().instant().plus(wait));
    log.warn(
        "{}: {}; next try in {} s",
        config.id(),
        reason,
        String.format(Locale.ROOT, "%.3g", wait.toMillis() / MILLIS_PER_SECOND));
    TimeUnit.NANOSECONDS.sleep(wait.toNanos());
  }

  /** Reads a connection to its end and returns why it ended. */
  private String connectAndRead() throws CameraException, InterruptedException {
    try (FrameSource source = open()) {
      if (!wanted()) {
        return "";
      }
      long epoch = course.epochs().incrementAndGet();
      boolean again = course.connected().getAndSet(true);
      if (again && !config.loop()) {
        metrics.cameras().reconnected(config.id());
      }
      if (!again || !config.loop()) {
        log.info("{}: connected to {}", config.id(), config.address());
      }
      return new Session(source, epoch).read();
    }
  }

  private FrameSource open() throws CameraException {
    enteredNanos.set(System.nanoTime());
    try {
      return surroundings.sources().open(config, deadline);
    } finally {
      enteredNanos.set(OUTSIDE);
    }
  }

  /** One connection. */
  private final class Session {
    private final FrameSource source;
    private final long epoch;
    private final boolean paced;
    private final FrameRateCap rate = new FrameRateCap(config.fps());
    private long sequence;
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
          if (!config.loop()) {
            status = CameraStatus.of(State.FINISHED);
          }
          return "the end of the file";
        }
        if (grab instanceof Grab.Later later) {
          TimeUnit.NANOSECONDS.sleep(later.delay().toNanos());
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
        Grab grab = source.grab();
        if (!(grab instanceof Grab.Later)) {
          metrics.stage(config.id(), "capture", System.nanoTime() - start);
        }
        return grab;
      } finally {
        enteredNanos.set(OUTSIDE);
      }
    }

    private void take(Grab.Frame frame) throws InterruptedException {
      if (!rate.admits(frame.mediaMicros())) {
        return;
      }
      if (paced) {
        awaitTurn(frame.mediaMicros());
      }
      delivering();
      FrameId id = new FrameId(config.id(), epoch, sequence++, Micros.now(surroundings.clock()));
      surroundings
          .sink()
          .accept(
              new FrameSink.CapturedFrame(
                  id,
                  frame.mediaMicros(),
                  frame.size().width(),
                  frame.size().height(),
                  frame.picture().get()));
      long published = course.published().incrementAndGet();
      if (config.maxFrames().isPresent() && published >= config.maxFrames().get()) {
        status = CameraStatus.of(State.FINISHED);
      }
    }

    private void delivering() {
      if (status.state() != State.DELIVERING) {
        status = CameraStatus.of(State.DELIVERING);
        course.backoff().reset();
        metrics.cameras().connected(config.id(), true);
      }
    }

    /** Waits until the frame's time has come; a reader that is too slow plays slower. */
    private void awaitTurn(long mediaMicros) throws InterruptedException {
      long due = startNanos + TimeUnit.MICROSECONDS.toNanos(mediaMicros);
      long wait = due - System.nanoTime();
      if (wait > 0) {
        TimeUnit.NANOSECONDS.sleep(wait);
      } else {
        startNanos -= wait;
      }
    }
  }
}
