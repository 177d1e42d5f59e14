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
import java.util.function.Supplier;
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
 *
 * <p>Turns without a pass are brief. They go first, and there is one more lane for them alone, so
 * that they need not wait until a pass ends. A turn can open its camera for brief turns beside it:
 * then masks go on while its pass runs, as in Li et al., "Low-Latency Video Semantic Segmentation",
 * CVPR 2018.
 */
public final class Dispatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  /** Brief turns that may come before the others, one after another. */
  static final int MOST_BRIEF = 8;

  /** How often the brief lane asks a camera that waits whether its turn has become a brief one. */
  private static final Duration BRIEF_POLL = Duration.ofMillis(10);

  private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(2);

  private final Arrivals arrivals;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition anyTurn = lock.newCondition();
  private final Condition briefTurn = lock.newCondition();
  private final Condition idle = lock.newCondition();
  private final TreeSet<Camera> line =
      new TreeSet<>(Comparator.comparing((Camera c) -> c.lastTurn).thenComparing(c -> c.number));
  private final List<Thread> threads = new ArrayList<>();
  private long turns;
  private long registered;
  private int briefTurns; // since the last other one, without those of the brief lane
  private int running; // in all lanes
  private int freeLanes; // the brief one does not count
  private boolean suspended;
  private boolean closed;

  /** What a camera does in its turns; asked and called by all lanes. */
  public interface Work {

    /** Whether its next turn will be without a forward pass, as things are now. */
    boolean isBriefNext();

    /** Whether its next turn can be, rather than wait for a lane. */
    boolean canBeBrief();

    /** Takes the camera's newest frame and has it segmented. */
    End run(Turn turn);
  }

  /** How a turn has ended. */
  public enum End {
    /** Without a forward pass: it does not count as a turn of the camera. */
    BRIEF,
    /** With one. */
    FULL,
    /** It had to be brief and could not: the frame waits for another turn. */
    PUT_BACK
  }

  /** A turn while it runs. */
  public final class Turn {
    private final Camera camera;
    private final long number;
    private final boolean inBriefLane;
    private final boolean brief;
    private final boolean hasPass; // as things are at its beginning
    private boolean open; // guarded by lock

    private Turn(Camera camera, long number, boolean inBriefLane) {
      this.camera = camera;
      this.number = number;
      this.inBriefLane = inBriefLane;
      this.brief = inBriefLane || camera.passing;
      this.hasPass = !brief && !camera.work.isBriefNext();
    }

    /** Whether it has to do without a forward pass. */
    public boolean mustBeBrief() {
      return brief;
    }

    /** From now on the camera may have brief turns beside this one. */
    public void open() {
      lock.lock();
      try {
        open = true;
        camera.busy = false;
        camera.passing = true;
        enqueue(camera);
      } finally {
        lock.unlock();
      }
    }
  }

  /** A camera's place in the line of one dispatcher. */
  public final class Camera {
    private final Work work;
    private final long number;
    private long lastTurn; // number of the last one that was not brief
    private boolean ready;
    private boolean busy; // in a turn that is not open
    private boolean passing; // in one that is
    private boolean gone;
    private @Nullable Runnable afterwards; // once it has gone and no turn runs

    private Camera(Work work, long number) {
      this.work = work;
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

    private boolean isBriefNext() {
      return passing ? work.canBeBrief() : work.isBriefNext();
    }

    /**
     * Leaves the line; a turn that runs ends by itself.
     *
     * @param then is called when none runs any more, here or in a lane
     */
    public void leave(Runnable then) {
      lock.lock();
      try {
        gone = true;
        line.remove(this);
        afterwards = then;
      } finally {
        lock.unlock();
      }
      runAfterwards();
    }

    private void runAfterwards() {
      Runnable now;
      lock.lock();
      try {
        if (busy || passing || afterwards == null) {
          return;
        }
        now = afterwards;
        afterwards = null;
      } finally {
        lock.unlock();
      }
      try {
        now.run();
      } catch (RuntimeException e) { // a lane and a task's end outlive it
        log.error("what follows a camera's last turn failed", e);
      }
    }
  }

  /**
   * Starts the lanes.
   *
   * @param lanes beside the brief one
   */
  public Dispatcher(int lanes, Arrivals arrivals) {
    if (lanes < 1) {
      throw new IllegalArgumentException("a dispatcher needs at least 1 lane, has " + lanes);
    }
    this.arrivals = arrivals;
    this.freeLanes = lanes;
    arrivals.follow(this::turnAhead);
    for (int i = 1; i <= lanes; i++) {
      threads.add(new Thread(() -> run(false), "lane-" + i));
    }
    threads.add(new Thread(() -> run(true), "brief-lane"));
    for (Thread thread : threads) {
      thread.setDaemon(true); // a lane that hangs in a native call must not keep the process
      thread.start();
    }
  }

  /**
   * Adds a camera.
   *
   * @param work runs in a lane, never twice at a time, but for one brief turn beside an open one
   */
  public Camera register(Work work) {
    return locked(() -> new Camera(work, registered++));
  }

  private <T> T locked(Supplier<T> step) {
    lock.lock();
    try {
      return step.get();
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(Camera camera) {
    if (camera.ready && !camera.busy && !camera.gone) {
      line.add(camera);
      anyTurn.signal();
      briefTurn.signal();
    }
  }

  private boolean turnAhead() {
    return locked(
        () -> freeLanes > 0 && !suspended && line.stream().anyMatch(camera -> !camera.passing));
  }

  /** Turns that have ended since the start. */
  public long finished() {
    return locked(() -> turns - running);
  }

  /** Cameras that wait for their turn or have it. */
  public int waiting() {
    return locked(() -> line.size() + running);
  }

  private void run(boolean brief) {
    try {
      for (Turn turn = take(brief); turn != null; turn = take(brief)) {
        run(turn);
      }
    } catch (InterruptedException e) {
      log.debug("lane stopped", e);
    }
  }

  private void run(Turn turn) {
    End end = End.FULL;
    if (turn.hasPass) {
      arrivals.started();
    }
    try {
      end = turn.camera.work.run(turn);
    } catch (RuntimeException | Error e) {
      log.error("a camera's turn failed", e);
    } finally {
      arrivals.arrived();
      release(turn, end);
    }
    turn.camera.runAfterwards();
  }

  private @Nullable Turn take(boolean brief) throws InterruptedException {
    lock.lock();
    try {
      Optional<Camera> next = next(brief);
      while (!closed && next.isEmpty()) {
        if (!brief || line.isEmpty()) {
          (brief ? briefTurn : anyTurn).await();
        } else {
          long unused = briefTurn.awaitNanos(BRIEF_POLL.toNanos());
        }
        next = next(brief);
      }
      return closed ? null : next.map(camera -> begin(camera, brief)).orElse(null);
    } finally {
      lock.unlock();
    }
  }

  private Turn begin(Camera camera, boolean brief) {
    line.remove(camera);
    camera.ready = false;
    camera.busy = true;
    running++;
    freeLanes -= brief ? 0 : 1;
    if (!line.isEmpty()) {
      briefTurn.signal(); // there may be no lane left for the others
    }
    return new Turn(camera, ++turns, brief);
  }

  private Optional<Camera> next(boolean brief) {
    if (suspended) {
      return Optional.empty();
    }
    return brief ? nextBrief() : nextOfAll();
  }

  /** The first whose turn is brief, or can be where no lane is free. */
  private Optional<Camera> nextBrief() {
    return line.stream()
        .filter(camera -> camera.isBriefNext() || (freeLanes == 0 && camera.work.canBeBrief()))
        .findFirst();
  }

  /** The first in the line whose turn is brief, or the first of the others. */
  private Optional<Camera> nextOfAll() {
    List<Camera> able =
        line.stream().filter(camera -> !camera.passing || camera.isBriefNext()).toList();
    boolean brief = briefTurns < MOST_BRIEF;
    Optional<Camera> found =
        able.stream().filter(camera -> camera.isBriefNext() == brief).findFirst();
    briefTurns = brief && found.isPresent() ? briefTurns + 1 : 0;
    return found.or(() -> able.stream().findFirst());
  }

  private void release(Turn turn, End end) {
    lock.lock();
    try {
      Camera camera = turn.camera;
      running--;
      freeLanes += turn.inBriefLane ? 0 : 1;
      if (turn.open) {
        camera.passing = false;
      } else {
        camera.busy = false;
      }
      camera.ready |= end == End.PUT_BACK;
      line.remove(camera); // its place changes
      camera.lastTurn = end == End.FULL ? turn.number : camera.lastTurn;
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
      anyTurn.signalAll();
      briefTurn.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      long end = System.nanoTime() + JOIN_TIMEOUT.toNanos();
      for (Thread lane : threads) {
        lane.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
