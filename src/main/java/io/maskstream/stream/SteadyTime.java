package io.maskstream.stream;

import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Time;

/**
 * The clock of Kafka Streams, by which it commits and calls punctuators: it began with the
 * machine's and goes on evenly. With the machine's own, a clock that is set back by an hour would
 * stop outcomes and commits for an hour.
 */
final class SteadyTime implements Time {
  private final long startMillis = System.currentTimeMillis();
  private final long startNanos = System.nanoTime();

  @Override
  public long milliseconds() {
    return startMillis + TimeUnit.NANOSECONDS.toMillis(nanoseconds() - startNanos);
  }

  @Override
  public long nanoseconds() {
    return System.nanoTime();
  }

  @Override
  public void sleep(long millis) {
    SYSTEM.sleep(millis);
  }
}
