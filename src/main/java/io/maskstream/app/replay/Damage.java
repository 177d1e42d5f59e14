package io.maskstream.app.replay;

import java.util.ArrayList;
import java.util.List;

/** What could not be read: all are counted, the first are named. Used by one thread. */
final class Damage {
  private static final int NAMED = 20;

  private final List<String> examples = new ArrayList<>();
  private long count;

  /**
   * Adds one.
   *
   * @param place where it lies
   * @param reason what is wrong with it
   */
  void add(String place, String reason) {
    count++;
    if (examples.size() < NAMED) {
      examples.add(place + ": " + reason);
    }
  }

  long count() {
    return count;
  }

  /** The first of them. */
  List<String> examples() {
    return List.copyOf(examples);
  }
}
