package io.maskstream.config;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong. */
final class Problems {
  private final List<String> found = new ArrayList<>();
  private int missing;

  /** Notes a mistake at a path, for which there is no value. */
  void add(String path, String rule) {
    missing++;
    note(path, rule);
  }

  /** Notes a mistake at a path beside which all values are there. */
  void note(String path, String rule) {
    found.add(path.isEmpty() ? rule : path + ": " + rule);
  }

  /** Mistakes that left no value. */
  int missing() {
    return missing;
  }

  List<String> found() {
    return found;
  }
}
