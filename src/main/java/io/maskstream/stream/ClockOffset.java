package io.maskstream.stream;

import java.util.Arrays;

/**
 * How far a camera host's clock is behind the broker's, estimated from the frames themselves.
 *
 * <p>A frame reaches the broker some milliseconds after its capture; what lies between the two
 * times beyond that is the clocks' difference. The estimate is the third smallest of the last
 * {@value #FRAMES} differences: delays of single frames do not enter it, two frames with a wild
 * time do not move it, and after the clock is set it follows within that many frames. A delay that
 * every frame has cannot be distinguished from a clock that is behind. Used by one thread.
 */
final class ClockOffset {
  static final int FRAMES = 32;
  private static final int RANK = 3;

  private final long[] differences = new long[FRAMES];
  private long count;

  /** Adds a frame: the broker's time of arrival minus its capture time, microseconds. */
  void add(long differenceMicros) {
    differences[(int) (count++ % FRAMES)] = differenceMicros;
  }

  /** Estimated offset, microseconds; positive for a clock that is behind. */
  long micros() {
    int known = (int) Math.min(count, FRAMES);
    if (known == 0) {
      return 0;
    }
    long[] ascending = Arrays.copyOf(differences, known);
    Arrays.sort(ascending);
    return ascending[Math.min(RANK, known) - 1];
  }
}
