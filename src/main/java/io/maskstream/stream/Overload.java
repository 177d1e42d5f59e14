package io.maskstream.stream;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Which share of the frames must do without a forward pass for a process to keep up with its
 * cameras.
 *
 * <p>With p seconds of a lane for a pass, s for a propagation and L lanes, r frames per second
 * whose mask is that of a pass, f with a pass beside their mask and o without one keep the lanes
 * busy for b = r·p + f·(p + s) + o·s seconds per second. The passes beside masks give way first: so
 * many of them are left out that the lanes are busy for {@link #BUSY}·L, and b' is what remains. Up
 * to a load b' / L of 1 the others have theirs, nearly all in time. From {@link #FULL} on the share
 * of the frames that are propagated instead is the least for which the lanes are busy for {@link
 * #BUSY}, so that frames that come together need not wait long; between the two it grows. All are
 * running means of what is measured, whatever else has slowed it down.
 *
 * <p>Whatever the load, a camera that has waited for as long as a pass takes, and for {@link
 * #PATIENCE} of a frame's greatest age, does without one: the mask comes at once, where one with a
 * pass would come late or not at all. Used by all threads.
 */
final class Overload {

  static final double BUSY = 0.9;
  static final double FULL = 1.25;
  static final double PATIENCE = 0.2;

  /** Time constant of the rate of frames, seconds. */
  private static final double WINDOW = 2;

  /** What is known of propagations is forgotten after so many seconds without one. */
  private static final double FORGET = 10;

  /**
   * So many are tried before one is judged: the first ones of a process take many times as long.
   */
  private static final int TRIED = 5;

  /** A propagation has to save at least this part of a pass. */
  private static final double WORTH = 0.5;

  /** Some frames need a pass, whatever the load. */
  static final double MOST = 0.9;

  private final int lanes;
  private final Propagation.Limits limits;
  private final double patience; // seconds
  private final LongSupplier nanoTime;
  private final RunningMean pass = new RunningMean(); // seconds, as below
  private final RunningMean propagation = new RunningMean();
  private long lastPropagation;
  private final Map<Demand, Double> rates = new EnumMap<>(Demand.class); // at the last arrival
  private long lastArrival;

  /** What a frame asks of the lanes. */
  enum Demand {
    /** A pass, for its mask. */
    MASK,
    /** A propagation for its mask, and a pass for the memory. */
    MEMORY,
    /** A propagation. */
    NONE
  }

  /**
   * Of the last values: the mean, in which each of many has a tenth, and the least, which is what
   * the work takes by itself where others have the processor, too.
   */
  private static final class RunningMean {
    private static final int MOST_COUNT = 10;

    private final double[] last = new double[MOST_COUNT];
    private double value;
    private long count;

    void add(double next) {
      last[(int) (count % MOST_COUNT)] = next;
      count++;
      value += (next - value) / Math.min(count, MOST_COUNT);
    }

    double least() {
      return Arrays.stream(last, 0, (int) Math.min(count, MOST_COUNT)).min().orElse(0);
    }
  }

  /**
   * Without load.
   *
   * @param maxAge of a frame at the start of its turn
   */
  Overload(int lanes, Propagation.Limits limits, Duration maxAge, LongSupplier nanoTime) {
    this.lanes = lanes;
    this.limits = limits;
    this.patience = PATIENCE * seconds(maxAge.toNanos());
    this.nanoTime = nanoTime;
    this.lastArrival = nanoTime.getAsLong();
    this.lastPropagation = lastArrival;
  }

  /** A frame has come; it has its pass if there is time for it. */
  synchronized void arrived(Demand demand) {
    long now = nanoTime.getAsLong();
    rates.replaceAll((each, before) -> rate(each, now));
    rates.merge(demand, 1 / WINDOW, Double::sum);
    lastArrival = now;
  }

  /** A turn has ended. */
  synchronized void served(long nanos, boolean propagated) {
    if (propagated) {
      long now = nanoTime.getAsLong();
      propagation.count = isForgotten(now) ? 0 : propagation.count;
      propagation.add(seconds(nanos));
      lastPropagation = now;
    } else {
      pass.add(seconds(nanos));
    }
  }

  /** Or a first one that was slow would be the last. */
  private boolean isForgotten(long now) {
    return seconds(now - lastPropagation) > FORGET;
  }

  private double propagation(long now) {
    return isForgotten(now) ? 0 : propagation.value;
  }

  private static double seconds(long nanos) {
    return (double) nanos / TimeUnit.SECONDS.toNanos(1);
  }

  private double rate(Demand demand, long now) {
    return rates.getOrDefault(demand, 0.0) * Math.exp(-seconds(now - lastArrival) / WINDOW);
  }

  Propagation.Limits limits() {
    return limits;
  }

  /** Now, for {@link #hasWaitedLong}. */
  long nanos() {
    return nanoTime.getAsLong();
  }

  /** Whether a camera that waits since a time is to do without a pass now. */
  synchronized boolean hasWaitedLong(long since) {
    long now = nanoTime.getAsLong();
    return seconds(now - since) >= Math.max(patience, pass.value) && saves(now);
  }

  /** Time of a pass, microseconds. */
  synchronized long passMicros() {
    return (long) (pass.value * TimeUnit.SECONDS.toMicros(1));
  }

  /** Whether a pass takes longer than it takes until a camera's next frame. */
  synchronized boolean outlasts(double intervalMicros) {
    return intervalMicros > 0
        && pass.value > intervalMicros / TimeUnit.SECONDS.toMicros(1)
        && saves(nanoTime.getAsLong());
  }

  /** By the means, while both are slow at first; by the least, while others slow both down. */
  private boolean saves(long now) {
    return limits.longestMicros() > 0
        && pass.value > 0
        && (isForgotten(now)
            || propagation.count < TRIED
            || saves(pass.value, propagation.value)
            || saves(pass.least(), propagation.least()));
  }

  private static boolean saves(double pass, double propagation) {
    return pass - propagation >= WORTH * pass;
  }

  /** The share of the frames with a demand, 0 to {@link #MOST}. */
  synchronized double share(Demand demand) {
    long now = nanoTime.getAsLong();
    if (demand == Demand.NONE || !saves(now)) {
      return 0;
    }
    double s = Math.min(propagation(now), WORTH * pass.value); // it may have been slow at first
    double forMasks = rate(Demand.MASK, now) * pass.value;
    double forMemories = rate(Demand.MEMORY, now) * pass.value;
    double busy = forMasks + forMemories + s * (rate(Demand.MEMORY, now) + rate(Demand.NONE, now));
    double most = BUSY * lanes;
    double memories = share(busy - most, forMemories);
    if (demand == Demand.MEMORY) {
      return memories;
    }
    double rest = busy - memories * forMemories;
    double load = rest / lanes;
    double excess = Math.min(1, Math.max(0, (load - 1) / (FULL - 1))) * (rest - most);
    return share(excess, forMasks - rate(Demand.MASK, now) * s);
  }

  /** Share of what can be saved that is to be. */
  private static double share(double excess, double savings) {
    return MOST * savings <= excess ? MOST : Math.max(0, excess / savings);
  }
}
