package io.maskstream.stream;

import io.maskstream.topic.ClassStats;
import io.maskstream.topic.WindowedStats;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The open window of one camera and length: a value; adding a frame gives a new one.
 *
 * @param startMillis start of the window, milliseconds since 1970
 * @param windowMillis its length
 * @param firstMillis time of its first frame's record
 * @param lastMillis time of its latest frame's record
 * @param classes running figures by class name
 * @param unknown those of the unknown, where it is counted
 */
record WindowAccumulator(
    String camera,
    long startMillis,
    long windowMillis,
    long frames,
    long firstMillis,
    long lastMillis,
    Map<String, Running> classes,
    @Nullable Running unknown) {

  /** Running figures of one class's share. */
  record Running(double min, double sum, double max, double last, double change) {

    Running plus(double share) {
      return new Running(
          Math.min(min, share),
          sum + share,
          Math.max(max, share),
          share,
          change + Math.abs(share - last));
    }

    static Running of(double share) {
      return new Running(share, share, share, share, 0);
    }
  }

  WindowAccumulator {
    classes = Collections.unmodifiableMap(new LinkedHashMap<>(classes)); // in the table's order
  }

  /** The window that a time falls into. */
  static long startOf(long timeMillis, long windowMillis) {
    return Math.floorDiv(timeMillis, windowMillis) * windowMillis;
  }

  /** A window with one frame. */
  static WindowAccumulator of(
      ClassStats stats, long startMillis, long windowMillis, long timeMillis) {
    Map<String, Running> classes = new LinkedHashMap<>();
    stats.classes().forEach((name, stat) -> classes.put(name, Running.of(stat.share())));
    return new WindowAccumulator(
        stats.frame().camera(),
        startMillis,
        windowMillis,
        1,
        timeMillis,
        timeMillis,
        classes,
        stats.unknown() == null ? null : Running.of(stats.unknown()));
  }

  WindowAccumulator plus(ClassStats stats, long timeMillis) {
    Map<String, Running> next = new LinkedHashMap<>(classes);
    stats
        .classes()
        .forEach(
            (name, stat) ->
                next.merge(name, Running.of(stat.share()), (old, one) -> old.plus(stat.share())));
    return new WindowAccumulator(
        camera,
        startMillis,
        windowMillis,
        frames + 1,
        firstMillis,
        timeMillis,
        next,
        plusUnknown(stats.unknown()));
  }

  /** Counting that began or ended within the window leaves the window without. */
  private @Nullable Running plusUnknown(@Nullable Double share) {
    return unknown == null || share == null ? null : unknown.plus(share);
  }

  long endMillis() {
    return startMillis + windowMillis;
  }

  /** Key of the output record. */
  String key() {
    return camera + "@" + startMillis + "/" + windowMillis;
  }

  WindowedStats close() {
    double seconds = Math.max(1e-3, (lastMillis - firstMillis) / 1e3);
    Map<String, WindowedStats.ShareOverTime> shares = new LinkedHashMap<>();
    classes.forEach((name, running) -> shares.put(name, over(running, seconds)));
    return new WindowedStats(
        camera,
        startMillis,
        windowMillis,
        frames,
        shares,
        unknown == null ? null : over(unknown, seconds));
  }

  private WindowedStats.ShareOverTime over(Running running, double seconds) {
    return new WindowedStats.ShareOverTime(
        running.min(), running.sum() / frames, running.max(), running.change() / seconds);
  }
}
