package io.maskstream.stream;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * What time it is for the frames of a task. A live topology goes by the clock. A replay reads
 * frames of the past: it goes by their time, and by the clock from there on while none comes.
 */
final class TaskTime {
  private final boolean live;
  private final InstantSource clock;
  private long streamMillis = -1;
  private long sinceMillis;

  TaskTime(boolean live, InstantSource clock) {
    this.live = live;
    this.clock = clock;
  }

  /**
   * The time, milliseconds since 1970.
   *
   * @param latest time of the newest record, below 0 before the first: then it is before all
   */
  long now(LongSupplier latest) {
    long now = clock.millis();
    if (live) {
      return now;
    }
    long latestMillis = latest.getAsLong();
    if (latestMillis != streamMillis) {
      streamMillis = latestMillis;
      sinceMillis = now;
    }
    return latestMillis < 0 ? latestMillis : latestMillis + now - sinceMillis;
  }
}
