package io.maskstream.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the cameras of a process their turns on its device.
 *
 * <p>Each lane is a thread that takes the least recently served camera that is ready and has no
 * turn running, so a fast camera gets no more turns than a slow one, whatever partitions and stream
 * threads they come from, and a camera that is seldom ready does not wait behind the others. On a
 * processor there is a lane per forward pass that may run; on a GPU enough lanes fill one batch
 * while another is on the device.
 */
public final class Dispatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  /** Brief turns that may come before the others, one after another. */
  static final int MOST_BRIEF = 8;

  private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(2);

  private final Arrivals arrivals;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition idle = lock.newCondition();
  private final TreeSet<Camera> line =
      new TreeSet<>(Comparator.comparing((Camera c) -> c.lastTurn).thenComparing(c -> c.number));
  private final List<Thread> lanes = new ArrayList<>();
  private long turns;
  private long registered;
  private int briefTurns; // since the last other one
  private int running;
  private boolean suspended;
  private boolean closed;

  /** A camera's place in the line of one dispatcher. */
  public final class Camera implements AutoCloseable {
    private final BooleanSupplier turn;
    private final BooleanSupplier briefNext;
    private final long number;
    private long lastTurn; // number of the last one that was not brief
    private long thisTurn;
    private boolean ready;
    private boolean served;
    private boolean gone;

    private Camera(BooleanSupplier turn, BooleanSupplier briefNext, long number) {
      this.turn = turn;
      this.briefNext = briefNext;
      this.number = number;
    }

    /** There is a frame to take; once for several frames is enough. */
    public void ready() {
      lock.lock();
      try {
        ready = true;
        enqueue(this);
      } finally {
        lock.unlock();
      }
    }

    /** Leaves the line; a turn that runs ends by itself. */
    @Override
    public void close() {
      lock.lock();
      try {
        gone = true;
        line.remove(this);
      } finally {
        lock.unlock();
      }
    }
  }

  /** Starts the lanes. */
  public Dispatcher(int lanes, Arrivals arrivals) {
    if (lanes < 1) {
      throw new IllegalArgumentException("a dispatcher needs at least 1 lane, has " + lanes);
    }
    this.arrivals = arrivals;
    arrivals.follow(this::turnAhead);
    for (int i = 1; i <= lanes; i++) {
      Thread lane = new Thread(this::run, "lane-" + i);
      lane.setDaemon(true); // a lane that hangs in a native call must not keep the process
      this.lanes.add(lane);
    }
    this.lanes.forEach(Thread::start);
  }

  /**
   * Adds a camera.
   *
   * @param turn takes the camera's newest frame and has it segmented; runs in a lane, never twice
   *     at a time. Returns whether it was brief: then it does not count as a turn of the camera
   * @param briefNext whether its next turn will be brief, as things are now: {@link #MOST_BRIEF} of
   *     those come before the others
   */
  public Camera register(BooleanSupplier turn, BooleanSupplier briefNext) {
    lock.lock();
    try {
      return new Camera(turn, briefNext, registered++);
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(Camera camera) {
    if (camera.ready && !camera.served && !camera.gone) {
      line.add(camera);
      work.signal();
    }
  }

  private boolean turnAhead() {
    lock.lock();
    try {
      return !line.isEmpty() && !suspended && running < lanes.size();
    } finally {
      lock.unlock();
    }
  }

  /** Turns that have ended since the start. */
  public long finished() {
    lock.lock();
    try {
      return turns - running;
    } finally {
      lock.unlock();
    }
  }

  /** Cameras that wait for their turn or have it. */
  public int waiting() {
    lock.lock();
    try {
      return line.size() + running;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      for (Camera camera = take(); camera != null; camera = take()) {
        arrivals.started();
        boolean brief = false;
        try {
          brief = camera.turn.getAsBoolean();
        } catch (RuntimeException e) {
          log.error("a camera's turn failed", e);
        } finally {
          arrivals.arrived();
          release(camera, brief);
        }
      }
    } catch (InterruptedException e) {
      log.debug("lane stopped", e);
    }
  }

  private @Nullable Camera take() throws InterruptedException {
    lock.lock();
    try {
      while (!closed && (suspended || line.isEmpty())) {
        work.await();
      }
      if (closed) {
        return null;
      }
      Camera next = next();
      line.remove(next);
      next.ready = false;
      next.served = true;
      next.thisTurn = ++turns;
      running++;
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** The first in the line whose turn will be brief, or the first of the others. */
  private Camera next() {
    boolean brief = briefTurns < MOST_BRIEF;
    Optional<Camera> found =
        line.stream().filter(camera -> camera.briefNext.getAsBoolean() == brief).findFirst();
    briefTurns = brief && found.isPresent() ? briefTurns + 1 : 0;
    return found.orElseGet(line::first);
  }

  private void release(Camera camera, boolean brief) {
    lock.lock();
    try {
      running--;
      camera.served = false;
      camera.lastTurn = brief ? camera.lastTurn : camera.thisTurn; // it is not in the line now
      enqueue(camera);
      if (running == 0) {
        idle.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Begins no further turn; the device does not answer, or the process stops. */
  public void suspend() {
    lock.lock();
    try {
      suspended = true;
    } finally {
      lock.unlock();
    }
  }

  /** Begins no further turn and waits for those that run; false where they take too long. */
  public boolean drain(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      suspended = true;
      while (running > 0 && left > 0) {
        left = idle.awaitNanos(left);
      }
      return running == 0;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      long end = System.nanoTime() + JOIN_TIMEOUT.toNanos();
      for (Thread lane : lanes) {
        lane.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
