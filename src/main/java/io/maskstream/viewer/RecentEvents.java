package io.maskstream.viewer;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.maskstream.event.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest events of all cameras. An event is one entry, whatever number of notices there is of
 * it; a camera with many of them takes no other camera's place.
 */
final class RecentEvents {

  /** Events kept of one camera. */
  static final int MOST_OF_CAMERA = 100;

  /** Events whose pictures are kept. */
  static final int MOST_PICTURES = 200;

  /** Events kept of all cameras. */
  static final int MOST = 1_000;

  /**
   * What the page shows of an event.
   *
   * @param zone of the rule; none where it holds for the whole picture
   * @param value at the last notice; none where the camera gave no frame
   * @param peak most extreme value since the start
   * @param startMillis when it began, milliseconds since 1970
   * @param lastMillis time of the last notice: its end, unless it is ongoing
   * @param snapshot whether there is a picture of its start
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record View(
      String id,
      String camera,
      String rule,
      @Nullable String zone,
      List<String> classes,
      String measure,
      @Nullable Double value,
      double peak,
      long startMillis,
      long lastMillis,
      boolean ongoing,
      boolean snapshot) {

    static View of(Event event, boolean snapshot) {
      Event.Data data = event.data();
      return new View(
          data.event(),
          data.camera(),
          event.subject(),
          data.zone(),
          data.classes(),
          data.measure(),
          data.value(),
          data.peak(),
          data.startMillis(),
          lastMillis(event),
          !event.notice().equals(Event.Notice.ENDED.label()),
          snapshot);
    }

    static long lastMillis(Event event) {
      return event.data().startMillis() + event.data().durationMillis();
    }
  }

  /**
   * An event.
   *
   * @param picture of its start, a JPEG, or null
   */
  private record Held(Event event, long changed, byte @Nullable [] picture) {

    View view() {
      return View.of(event, picture != null);
    }
  }

  /** By id, the one that changed last at the end. */
  private final Map<String, Held> events = new LinkedHashMap<>();

  private final Map<String, Integer> ofCamera = new HashMap<>();

  /**
   * Takes a notice of an event. One that is older than what is known already, as after a worker's
   * death, changes nothing.
   *
   * @param change number of the page's change
   */
  synchronized void add(Event event, long change) {
    String id = event.data().event();
    String camera = event.data().camera();
    Held known = events.get(id);
    if (known != null && isOlder(event, known.event)) {
      return;
    }
    remove(id);
    events.put(id, new Held(event, change, known == null ? null : known.picture));
    if (ofCamera.merge(camera, 1, Integer::sum) > MOST_OF_CAMERA) {
      remove(oldest(camera));
    }
    if (events.size() > MOST) {
      remove(events.keySet().iterator().next());
    }
  }

  /** Whether a notice says no more than one that is known. */
  private static boolean isOlder(Event notice, Event known) {
    return known.notice().equals(Event.Notice.ENDED.label())
        || View.lastMillis(known) > View.lastMillis(notice);
  }

  /**
   * Takes the picture of an event's start; the one of the event that changed first goes where there
   * are too many.
   *
   * @param jpeg shared, not copied
   * @param change number of the page's change
   */
  synchronized void picture(String id, byte[] jpeg, long change) {
    events.computeIfPresent(id, (key, held) -> new Held(held.event, change, jpeg));
    List<String> pictured =
        events.values().stream()
            .filter(held -> held.picture != null)
            .map(held -> held.event.data().event())
            .toList();
    if (pictured.size() > MOST_PICTURES) {
      events.computeIfPresent(pictured.get(0), (key, held) -> new Held(held.event, change, null));
    }
  }

  /** The picture of an event's start, a JPEG, or null. */
  synchronized byte @Nullable [] picture(String id) {
    Held held = events.get(id);
    return held == null ? null : held.picture;
  }

  private String oldest(String camera) {
    return events.values().stream()
        .filter(held -> held.event.data().camera().equals(camera))
        .findFirst()
        .orElseThrow()
        .event
        .data()
        .event();
  }

  private void remove(String id) {
    Held held = events.remove(id);
    if (held != null) {
      ofCamera.computeIfPresent(held.event.data().camera(), (camera, n) -> n == 1 ? null : n - 1);
    }
  }

  /** Those that changed after one of the page's changes, in the order of their changes. */
  synchronized List<View> since(long change) {
    List<View> found = new ArrayList<>();
    for (Held held : events.values()) {
      if (held.changed > change) {
        found.add(held.view());
      }
    }
    return found;
  }
}
