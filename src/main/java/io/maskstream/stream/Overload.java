package io.maskstream.stream;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Which share of the frames must do without a forward pass for a process to keep up with its
 * cameras.
 *
 * <p>With r frames per second, p seconds of a lane for a pass, s for a propagation and L lanes, the
 * load is r·p / L, and a share x of propagated frames keeps the lanes busy for r·((1 - x)·p + x·s)
 * / L of the time. Up to a load of 1 there is none: nearly all frames have their pass in time. From
 * a load of {@link #FULL} on the share is the least for which the lanes are busy for {@link #BUSY},
 * so that frames that come together need not wait long; between the two it grows. r, p and s are
 * running means of what is measured, whatever else has slowed it down.
 *
 * <p>Whatever the load, a camera that has waited for as long as a pass takes, and for {@link
 * #PATIENCE} of a frame's greatest age, does without one: the mask comes at once, where one with a
 * pass would come late or not at all. Used by all threads.
 */
final class Overload {

  static final double BUSY = 0.7;
  static final double FULL = 1.25;
  static final double PATIENCE = 0.2;

  /** Time constant of the rate of frames, seconds. */
  private static final double WINDOW = 2;

  /** What is known of propagations is forgotten after so many seconds without one. */
  private static final double FORGET = 10;

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
  private double rate; // at the last arrival, frames per second
  private long lastArrival;

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

  /** A frame has come that is to have a pass, if there is time for it. */
  synchronized void arrived() {
    long now = nanoTime.getAsLong();
    rate = rate(now) + 1 / WINDOW;
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

  private double rate(long now) {
    return rate * Math.exp(-seconds(now - lastArrival) / WINDOW);
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
        && (saves(pass.value, propagation(now)) || saves(pass.least(), propagation.least()));
  }

  private static boolean saves(double pass, double propagation) {
    return pass - propagation >= WORTH * pass;
  }

  /** The share, 0 to {@link #MOST}. */
  synchronized double share() {
    long now = nanoTime.getAsLong();
    if (!saves(now)) {
      return 0;
    }
    double load = rate(now) * pass.value / lanes;
    if (load <= 1) {
      return 0;
    }
    double excess = Math.min(1, (load - 1) / (FULL - 1)) * (1 - BUSY / load) * pass.value;
    double saved = pass.value - propagation(now);
    return MOST * saved <= excess ? MOST : excess / saved;
  }
}
