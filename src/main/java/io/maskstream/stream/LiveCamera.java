package io.maskstream.stream;

import io.maskstream.frame.FrameId;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.stream.Overload.Demand;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A camera of a live task: its mailbox of one frame, its memory, and its frames without an outcome.
 * The mailbox and the memory are shared with the lanes that have the camera's turns; all else
 * belongs to the stream thread.
 *
 * <p>Where frames come faster than a pass takes, a frame that has one has its mask propagated all
 * the same, and at once: the pass refreshes the memory for the frames after it. Masks of frames
 * that come meanwhile are propagated from the memory before.
 */
final class LiveCamera {

  /** A replaced connection is heard again when its successor has been silent for this long. */
  private static final long FENCE_MILLIS = TimeUnit.SECONDS.toMillis(10);

  /** Frames that a camera can make up for. */
  private static final double MOST_DUE = 4;

  /** Frames over which the mean of their intervals is taken, and the longest of them. */
  private static final double INTERVALS = 8;

  private static final long LONGEST_INTERVAL_MICROS = TimeUnit.SECONDS.toMicros(1);

  /** Frames farther apart show too much that is new: the second waits for a pass of its own. */
  private static final long LONGEST_GAP_MICROS = TimeUnit.MILLISECONDS.toMicros(500);

  /** So many passes apart they may be where none is in time. */
  private static final long LONGEST_GAP_PASSES = 2;

  private final Overload overload;
  private final Propagation.Limits limits;
  private final ClockOffset clockOffset = new ClockOffset();
  private final List<FrameId> pending = new ArrayList<>();
  private long lastSeenMillis;
  private long epoch = Long.MIN_VALUE;
  private long epochMillis;
  private long storedMicros = Long.MIN_VALUE;

  private @Nullable FrameRecord mailbox; // guarded by this, as all below
  private @Nullable CameraMemory memory;
  private @Nullable CameraMemory refreshed; // by a pass beside a turn; for the next turn
  private boolean resetRequested;
  private boolean resetDone; // and the request is still in its store
  private boolean unlike; // the mailbox's frame is too unlike the memory, it has to have a pass
  private long lastMicros; // capture time of the last frame
  private double intervalMicros; // mean between frames; 0: not known
  private long waitsSince; // when the mailbox was empty last
  private Demand demand = Demand.MASK; // of the mailbox's frame
  private double share; // of frames of this demand that are to do without a pass
  private double due; // frames that should have done so and did not
  private long turnMicros; // capture time of the last frame that was taken for a forward pass
  private long passMicros; // and of the last one that has had one

  /**
   * A frame in its turn.
   *
   * @param memory from the frames before it, or null
   * @param propagation where its mask is to be propagated; else it has a forward pass
   */
  record Turn(
      FrameRecord frame, @Nullable CameraMemory memory, Optional<Propagation> propagation) {}

  LiveCamera(@Nullable CameraMemory stored, Overload overload) {
    this.overload = overload;
    this.limits = overload.limits();
    this.memory = stored;
  }

  /**
   * Whether a frame is of a connection that another has replaced: a process that has lost the
   * camera, and does not know it yet, still sends.
   */
  boolean fences(FrameRecord frame) {
    long older = frame.id().epoch();
    if (older < epoch && frame.timestamp() - epochMillis <= FENCE_MILLIS) {
      return true;
    }
    epoch = older;
    epochMillis = frame.timestamp();
    return false;
  }

  /** Places a frame in this process's time, judging the camera's clock by it and those before. */
  FrameRecord place(FrameRecord frame) {
    long arrival = 1_000 * frame.timestamp();
    long delay = arrival - frame.id().captureMicros();
    clockOffset.add(delay);
    return frame.bornAt(arrival - Math.max(0, delay - clockOffset.micros()));
  }

  /** How far the camera's clock is behind, microseconds. */
  long clockOffsetMicros() {
    return clockOffset.micros();
  }

  void seen(long nowMillis) {
    lastSeenMillis = nowMillis;
  }

  long lastSeenMillis() {
    return lastSeenMillis;
  }

  /** Puts a frame into the mailbox; the one that was there is displaced. */
  Optional<FrameRecord> put(FrameRecord frame) {
    pending.add(frame.id());
    synchronized (this) {
      FrameRecord displaced = mailbox;
      mailbox = frame;
      waitsSince = displaced == null ? overload.nanos() : waitsSince;
      learnInterval(frame.id().captureMicros());
      demand = demand(frame.id().captureMicros());
      overload.arrived(demand);
      share = overload.share(demand);
      return Optional.ofNullable(displaced);
    }
  }

  /** Below 0 a clock was set back. */
  private static boolean isWithin(long micros, long most) {
    return micros > 0 && micros < most;
  }

  /** Frames that come while a pass runs, or within the interval that is asked for, need none. */
  private Demand demand(long captureMicros) {
    long sinceTurn = captureMicros - turnMicros;
    boolean fast = overload.outlasts(intervalMicros);
    long least = Math.max(limits.intervalMicros(), fast ? overload.passMicros() : 0);
    return isWithin(sinceTurn, least) ? Demand.NONE : fast ? Demand.MEMORY : Demand.MASK;
  }

  private void learnInterval(long captureMicros) {
    long interval = captureMicros - lastMicros;
    if (isWithin(interval, LONGEST_INTERVAL_MICROS)) {
      intervalMicros += (interval - intervalMicros) / (intervalMicros == 0 ? 1 : INTERVALS);
    }
    lastMicros = captureMicros;
  }

  /** Whether the frame in the mailbox is to do without a forward pass, as things are now. */
  synchronized boolean propagatesNext() {
    return propagation().filter(found -> !found.pass()).isPresent();
  }

  /** Whether it can do without one, rather than wait. */
  synchronized boolean canPropagate() {
    return propagation().isPresent();
  }

  private Optional<Propagation> propagation() {
    CameraMemory from = refreshed == null ? memory : refreshed;
    if (mailbox == null || from == null || resetRequested || unlike) {
      return Optional.empty();
    }
    long captureMicros = mailbox.id().captureMicros();
    long sincePass = captureMicros - passMicros;
    boolean fast = overload.outlasts(intervalMicros);
    if (from.dense().isEmpty()
        || !isWithin(sincePass, limits.longestMicros() + 1)
        || captureMicros - from.last().captureMicros() > longestGapMicros(fast)) {
      return Optional.empty();
    }
    if (isWithin(sincePass, limits.intervalMicros())) {
      return Optional.of(new Propagation(sincePass, Propagation.Cause.INTERVAL, false));
    }
    if ((demand != Demand.NONE && due + share >= 1) || overload.hasWaitedLong(waitsSince)) {
      return Optional.of(new Propagation(sincePass, Propagation.Cause.OVERLOAD, false));
    }
    if (!fast) {
      return Optional.empty();
    }
    boolean pass =
        demand != Demand.NONE || overload.share(Demand.MEMORY) == 0; // the last was short
    return Optional.of(new Propagation(sincePass, Propagation.Cause.RATE, pass));
  }

  private long longestGapMicros(boolean fast) {
    return fast
        ? Math.max(LONGEST_GAP_MICROS, LONGEST_GAP_PASSES * overload.passMicros())
        : LONGEST_GAP_MICROS;
  }

  /** A frame has its outcome. */
  void settle(FrameRecord frame) {
    pending.remove(frame.id());
  }

  List<FrameId> pending() {
    return pending;
  }

  /** Whether the memory is to be stored again, by the capture time of the frame it is from. */
  boolean storeIsDue(Outcome.Segmented outcome, long intervalMicros) {
    long capture = outcome.frame().id().captureMicros();
    boolean due =
        storedMicros == Long.MIN_VALUE
            || outcome.reset().isPresent()
            || Math.abs(capture - storedMicros) >= intervalMicros;
    if (due) {
      storedMicros = capture;
    }
    return due;
  }

  /**
   * The newest frame, for a lane.
   *
   * @param brief whether it must do without a forward pass; where it cannot, it stays
   */
  synchronized Optional<Turn> take(boolean brief) {
    Optional<Propagation> propagation =
        brief ? propagation().map(Propagation::withoutPass) : propagation();
    if (mailbox == null || (brief && propagation.isEmpty())) {
      return Optional.empty();
    }
    boolean pass = propagation.map(Propagation::pass).orElse(true);
    if (demand != Demand.NONE) {
      double left = due + share - (pass ? 0 : 1);
      due = share == 0 ? 0 : Math.min(Math.max(0, left), MOST_DUE);
    }
    if (refreshed != null) {
      memory = refreshed;
      refreshed = null;
    }
    turnMicros = pass ? mailbox.id().captureMicros() : turnMicros;
    Turn turn = new Turn(mailbox, memory, propagation);
    mailbox = null;
    return Optional.of(turn);
  }

  /**
   * A frame that had to do without a pass could not: unless a newer one has come, it waits for its
   * pass.
   *
   * @return whether it waits
   */
  synchronized boolean putBack(FrameRecord frame) {
    unlike = true;
    if (mailbox != null) {
      return false;
    }
    mailbox = frame;
    return true;
  }

  /** A frame was segmented; its memory is for the next one. */
  synchronized void remember(Outcome.Segmented outcome) {
    memory = outcome.memory();
    if (outcome.stats().propagatedMicros() == 0) {
      passMicros = outcome.frame().id().captureMicros();
      unlike = false;
    }
    if (outcome.reset().equals(Optional.of(ResetReason.OPERATOR))) {
      resetRequested = false;
      resetDone = true;
    }
  }

  /** From the frame that was segmented last. */
  synchronized @Nullable CameraMemory memory() {
    return memory;
  }

  /** A pass begins for the frame that was remembered last, beside the masks of those after it. */
  synchronized void passBegins() {
    memory = Objects.requireNonNull(memory).withMotion();
  }

  /**
   * A frame's pass has refreshed the memory; empty where it could not: then the next frame has its
   * own.
   */
  synchronized void refresh(FrameRecord frame, Optional<CameraMemory> fresh) {
    if (fresh.isPresent()) {
      refreshed = fresh.get();
      passMicros = frame.id().captureMicros();
    } else {
      unlike = true;
    }
  }

  synchronized void requestReset() {
    resetRequested = !resetDone;
  }

  /** The request of a reset that was done is gone; the next one is another. */
  synchronized void resetIsSettled() {
    resetDone = false;
  }

  synchronized Optional<ResetReason> requestedReset() {
    return resetRequested ? Optional.of(ResetReason.OPERATOR) : Optional.empty();
  }
}
