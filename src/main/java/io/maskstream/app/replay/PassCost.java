package io.maskstream.app.replay;

import org.HdrHistogram.Histogram;

/** Times of the passes of one side. Used by one thread. */
final class PassCost {
  private static final long MAX_MICROS = 60_000_000;
  private static final double MICROS_PER_MILLI = 1e3;

  private final Histogram micros = new Histogram(MAX_MICROS, 3);

  void add(long passMicros) {
    micros.recordValue(Math.max(0, Math.min(MAX_MICROS, passMicros)));
  }

  long passes() {
    return micros.getTotalCount();
  }

  /** Milliseconds below which this share of the passes lies; 0 without passes. */
  double millis(double percentile) {
    return micros.getValueAtPercentile(percentile) / MICROS_PER_MILLI;
  }
}
