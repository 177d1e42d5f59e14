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
import java.util.Optional;
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

  /** An encoder that stops completes its playlist, which is then a file of old frames. */
  private static final String RECORDING =
      "its playlist is complete, a recording of what was; it may come back as a stream";

  private final CameraConfig config;
  private final Surroundings surroundings;
  private final Course course;
  private final Metrics metrics;
  private final Pace pace;
  private final CallDeadline deadline = new CallDeadline();
  private final AtomicLong enteredNanos = new AtomicLong(OUTSIDE);
  private boolean restarting;
  private volatile Duration callLimit;
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
   * @param live whether one was to a stream, which has no end
   * @param published frames passed on
   */
  record Course(
      AtomicLong epochs,
      AtomicBoolean connected,
      AtomicBoolean live,
      AtomicLong published,
      Backoff backoff) {

    /** The course of a camera that has not been read. */
    static Course begin(AtomicLong epochs, Backoff backoff) {
      return new Course(
          epochs, new AtomicBoolean(), new AtomicBoolean(), new AtomicLong(), backoff);
    }
  }

  CameraReader(CameraConfig config, Surroundings surroundings, Course course) {
    this.config = config;
    this.surroundings = surroundings;
    this.course = course;
    this.metrics = surroundings.metrics();
    this.pace = new Pace(config);
    this.callLimit = config.openLimit();
  }

  /** How long the reader has been inside a native call; zero when outside. */
  Duration stuck() {
    long entered = enteredNanos.get();
    return entered == OUTSIDE ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - entered);
  }

  /** Time in which a native call should end. */
  Duration callLimit() {
    return callLimit;
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
    if (!restarting) {
      status = CameraStatus.connecting(status.reason());
    }
    Optional<CameraException> failure = failure();
    restarting = failure.isEmpty();
    if (wanted() && !restarting) {
      metrics.cameras().connected(config.id(), false);
      CameraException end = failure.get();
      await(course.backoff().next(end.kind()), String.valueOf(end.getMessage()));
    }
  }

  /** Why the connection failed or ended; empty where a file starts again or no more is wanted. */
  private Optional<CameraException> failure() throws InterruptedException {
    try {
      return connectAndRead();
    } catch (CameraException e) {
      return Optional.of(e);
    } catch (RuntimeException | LinkageError e) {
      log.error("{}: its reader failed", config.id(), e);
      return Optional.of(new CameraException(Kind.PASSING, "its reader failed: " + e));
    }
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

  private Optional<CameraException> connectAndRead() throws CameraException, InterruptedException {
    try (FrameSource source = open()) {
      if (!wanted()) {
        return Optional.empty();
      }
      if (course.live().get() && !source.live()) {
        return Optional.of(new CameraException(Kind.PASSING, RECORDING));
      }
      course.live().set(source.live());
      long epoch = course.epochs().incrementAndGet();
      boolean again = course.connected().getAndSet(true);
      if (again && !restarting) {
        metrics.cameras().reconnected(config.id());
      }
      if (!restarting) {
        log.info("{}: connected to {}", config.id(), config.address());
      }
      return new Session(source, epoch).read();
    }
  }

  private static Duration longest(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private FrameSource open() throws CameraException {
    callLimit = config.openLimit();
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
    private long sequence;
    private long damaged;
    private boolean empty = true;
    private long deliveringNanos;

    Session(FrameSource source, long epoch) {
      this.source = source;
      this.epoch = epoch;
      callLimit = longest(config.openLimit(), source.readLimit());
      pace.begin(source);
    }

    /** Reads until the connection is unusable and returns why; empty as in {@link #failure}. */
    Optional<CameraException> read() throws InterruptedException {
      while (wanted()) {
        Grab grab = grab();
        countDamaged();
        if (grab instanceof Grab.Failed failed) {
          return Optional.of(failed.failure());
        }
        if (grab instanceof Grab.Ended) {
          return ended();
        }
        if (grab instanceof Grab.Later later) {
          TimeUnit.NANOSECONDS.sleep(later.delay().toNanos());
        }
        if (grab instanceof Grab.Frame frame && !abandoned) {
          take(frame);
        }
      }
      return Optional.empty();
    }

    private Optional<CameraException> ended() throws InterruptedException {
      if (!config.loop() && source.inSegments()) { // perhaps a live one whose encoder is away
        course.live().set(true);
        return Optional.of(new CameraException(Kind.PASSING, RECORDING));
      }
      if (!config.loop()) {
        status = CameraStatus.of(State.FINISHED);
      } else if (empty) {
        return Optional.of(new CameraException(Kind.PASSING, "the file has no frames"));
      } else {
        pace.end();
      }
      return Optional.empty();
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

    private void countDamaged() {
      long now = source.damaged();
      if (now > damaged && !abandoned) {
        metrics.cameras().damaged(config.id(), now - damaged);
      }
      damaged = now;
    }

    private void take(Grab.Frame frame) throws InterruptedException {
      empty = false;
      if (!pace.admits(frame)) {
        return;
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

    /** The waits stay long for a camera that closes its connections after a frame or two. */
    private void delivering() {
      if (status.state() != State.DELIVERING) {
        status = CameraStatus.of(State.DELIVERING);
        metrics.cameras().connected(config.id(), true);
      }
      if (sequence == 0) {
        deliveringNanos = System.nanoTime();
      } else if (System.nanoTime() - deliveringNanos >= config.maxReconnectDelay().toNanos()) {
        course.backoff().reset();
      }
    }
  }
}
