package io.maskstream.stream;

import java.util.function.LongSupplier;

/**
 * What time it is for the frames of a task. A live topology goes by the clock. A replay reads
 * frames of the past: it goes by their time, and by the clock from there on while none comes.
 */
final class TaskTime {
  private final boolean live;
  private long streamMillis = -1;
  private long sinceMillis;

  TaskTime(boolean live) {
    this.live = live;
  }

  /**
   * The time, milliseconds since 1970.
   *
   * @param clockMillis the clock's
   * @param latest time of the newest record, below 0 before the first: then it is before all
   */
  long now(long clockMillis, LongSupplier latest) {
    if (live) {
      return clockMillis;
    }
    long latestMillis = latest.getAsLong();
    if (latestMillis != streamMillis) {
      streamMillis = latestMillis;
      sinceMillis = clockMillis;
    }
    return latestMillis < 0 ? latestMillis : latestMillis + clockMillis - sinceMillis;
  }
}
