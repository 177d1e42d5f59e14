package io.maskstream.stream;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * What time it is for the cameras of a task. A live topology goes by the clock. A replay reads
 * frames of the past, those of one camera perhaps hours before another's: each camera goes by the
 * time of its own frames, and by the clock from there on when none of the task has come for {@link
 * #PATIENCE}: until then it may be at another camera. Used by one thread.
 */
final class TaskTime {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final boolean live;
  private final InstantSource clock;
  private final Map<String, Long> latest = new HashMap<>(); // milliseconds since 1970, by camera
  private long idleSinceMillis;

  TaskTime(boolean live, InstantSource clock) {
    this.live = live;
    this.clock = clock;
    this.idleSinceMillis = clock.millis();
  }

  /** A frame of a camera was taken. */
  void frame(String camera, long millis) {
    if (!live) {
      latest.merge(camera, millis, Math::max);
      idleSinceMillis = clock.millis();
    }
  }

  /**
   * A camera's time, milliseconds since 1970.
   *
   * @param before time of its last frame as it is stored, where none has come since
   */
  long now(String camera, long before) {
    long now = clock.millis();
    return live
        ? now
        : latest.getOrDefault(camera, before)
            + Math.max(0, now - idleSinceMillis - PATIENCE.toMillis());
  }
}
