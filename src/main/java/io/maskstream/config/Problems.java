package io.maskstream.config;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong. */
final class Problems {
  private final List<String> found = new ArrayList<>();

  /** Notes a mistake at a path. */
  void add(String path, String rule) {
    found.add(path.isEmpty() ? rule : path + ": " + rule);
  }

  List<String> found() {
    return found;
  }
}
