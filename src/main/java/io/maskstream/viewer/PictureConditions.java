package io.maskstream.viewer;

import io.maskstream.event.Event;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is wrong with the cameras' pictures, by the events of camera health. An event may come
 * before the page knows its camera; it does not make that camera known.
 */
final class PictureConditions {

  /** Events may name any camera; each takes memory. */
  static final int MOST_CAMERAS = 10_000;

  private final Map<String, TreeSet<String>> conditions = new TreeMap<>();

  /**
   * Takes a notice of any event.
   *
   * @return whether the conditions of its camera are others now
   * @throws IllegalStateException where too many cameras have conditions
   */
  synchronized boolean take(Event event) {
    if (!event.is(Event.Kind.CAMERA)) {
      return false;
    }
    String camera = event.data().camera();
    if (event.notice().equals(Event.Notice.ENDED.label())) {
      TreeSet<String> left = conditions.get(camera);
      if (left == null || !left.remove(event.subject())) {
        return false;
      }
      if (left.isEmpty()) {
        conditions.remove(camera);
      }
      return true;
    }
    if (conditions.size() >= MOST_CAMERAS && !conditions.containsKey(camera)) {
      throw new IllegalStateException("more than %d cameras".formatted(MOST_CAMERAS));
    }
    return conditions.computeIfAbsent(camera, name -> new TreeSet<>()).add(event.subject());
  }

  /** Conditions of a camera, in the order of their names; empty where nothing is wrong. */
  synchronized List<String> of(String camera) {
    return List.copyOf(conditions.getOrDefault(camera, new TreeSet<>()));
  }

  /** The camera is gone. */
  synchronized void forget(String camera) {
    conditions.remove(camera);
  }
}
