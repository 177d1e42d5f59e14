package io.maskstream.stream;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * What time it is for the cameras of a task. A live topology goes by the clock. A replay reads
 * frames of the past, those of one camera perhaps hours before another's: each camera goes by the
 * time of its own frames, and by the clock from there on while none comes. Used by one thread.
 */
final class TaskTime {
  private final boolean live;
  private final InstantSource clock;
  private final Map<String, Frame> latest = new HashMap<>(); // by camera

  /** Time of a frame, and the clock's when it was seen; both milliseconds since 1970. */
  private record Frame(long millis, long seenMillis) {}

  TaskTime(boolean live, InstantSource clock) {
    this.live = live;
    this.clock = clock;
  }

  /** A frame of a camera was taken. */
  void frame(String camera, long millis) {
    if (!live) {
      latest.merge(
          camera,
          new Frame(millis, clock.millis()),
          (before, now) -> now.millis >= before.millis ? now : before);
    }
  }

  /**
   * A camera's time, milliseconds since 1970.
   *
   * @param before time of its last frame as it is stored, where none has come since
   */
  long now(String camera, long before) {
    long now = clock.millis();
    if (live) {
      return now;
    }
    Frame frame = latest.computeIfAbsent(camera, key -> new Frame(before, now));
    return frame.millis + now - frame.seenMillis;
  }
}
