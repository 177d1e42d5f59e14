package io.maskstream.app.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Agreement over time: by second, or by minute where the frames are of more than two minutes. */
final class TimeBins {
  private static final long SECOND = 1_000_000;
  private static final long MINUTE = 60 * SECOND;

  private TimeBins() {}

  /**
   * What lies between two times.
   *
   * @param startMicros microseconds since 1970, a whole second or minute
   * @param frames compared
   * @param agreement mean over the frames, 0 to 1
   */
  record Bin(long startMicros, long frames, double agreement) {}

  /** Length of the bins of frames that span a time, microseconds. */
  static long length(long spanMicros) {
    return spanMicros <= 2 * MINUTE ? SECOND : MINUTE;
  }

  /** Bins with frames, in their order. */
  static List<Bin> of(List<MaskPair> pairs, long length) {
    Map<Long, List<MaskPair>> byStart = new TreeMap<>();
    for (MaskPair pair : pairs) {
      long start = Math.floorDiv(pair.score().captureMicros(), length) * length;
      byStart.computeIfAbsent(start, any -> new ArrayList<>()).add(pair);
    }
    return byStart.entrySet().stream()
        .map(entry -> new Bin(entry.getKey(), entry.getValue().size(), mean(entry.getValue())))
        .toList();
  }

  /** Mean agreement of some pairs. */
  static double mean(List<MaskPair> pairs) {
    return pairs.stream().mapToDouble(MaskPair::agreement).average().orElseThrow();
  }
}
