package io.maskstream.stream;

import io.maskstream.frame.Micros;
import java.time.Duration;
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
 * running means of what is measured, whatever else has slowed it down. Used by all threads.
 */
final class Overload {

  static final double BUSY = 0.7;
  static final double FULL = 1.25;

  /** Time constant of the rate of frames, seconds. */
  private static final double WINDOW = 2;

  /** Part of a new duration in the mean. */
  private static final double GAIN = 0.1;

  /** A propagation has to save at least this part of a pass. */
  private static final double WORTH = 0.5;

  /** Some frames need a pass, whatever the load. */
  private static final double MOST = 0.9;

  private final int lanes;
  private final long longestMicros;
  private final LongSupplier nanoTime;
  private double rate; // at the last arrival, frames per second
  private long lastArrival;
  private double pass; // seconds, 0 before the first one
  private double propagation;

  /**
   * Without load.
   *
   * @param longest time of a camera without a pass; 0 for none
   */
  Overload(int lanes, Duration longest, LongSupplier nanoTime) {
    this.lanes = lanes;
    this.longestMicros = Micros.of(longest);
    this.nanoTime = nanoTime;
    this.lastArrival = nanoTime.getAsLong();
  }

  /** A frame has come that is worth a turn. */
  synchronized void arrived() {
    long now = nanoTime.getAsLong();
    rate = rate(now) + 1 / WINDOW;
    lastArrival = now;
  }

  /** A turn has ended. */
  synchronized void served(long nanos, boolean propagated) {
    double seconds = (double) nanos / TimeUnit.SECONDS.toNanos(1);
    if (propagated) {
      propagation = mean(propagation, seconds);
    } else {
      pass = mean(pass, seconds);
    }
  }

  private static double mean(double before, double value) {
    return before == 0 ? value : before + GAIN * (value - before);
  }

  private double rate(long now) {
    double passed = (double) (now - lastArrival) / TimeUnit.SECONDS.toNanos(1);
    return rate * Math.exp(-passed / WINDOW);
  }

  /** Longest time of a camera without a pass, microseconds. */
  long longestMicros() {
    return longestMicros;
  }

  /** The share, 0 to {@link #MOST}. */
  synchronized double share() {
    double saved = pass - propagation;
    if (longestMicros == 0 || pass == 0 || saved < WORTH * pass) {
      return 0;
    }
    double load = rate(nanoTime.getAsLong()) * pass / lanes;
    if (load <= 1) {
      return 0;
    }
    double excess = Math.min(1, (load - 1) / (FULL - 1)) * (1 - BUSY / load) * pass;
    return Math.min(excess / saved, MOST);
  }
}
