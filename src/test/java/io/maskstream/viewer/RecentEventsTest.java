package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.event.Event;
import io.maskstream.topic.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentEventsTest {
  private final RecentEvents events = new RecentEvents();
  private long changes;

  /** An event of a rule as it is in the topic. */
  static Event event(String id, String camera, String notice, long seconds) {
    return event("rule", "crowd", id, camera, notice, seconds);
  }

  /** A condition of a camera's picture as it is in the topic. */
  static Event condition(String condition, String camera, String notice) {
    return event("camera", condition, camera + "/" + condition, camera, notice, 1);
  }

  private static Event event(
      String kind, String subject, String id, String camera, String notice, long seconds) {
    String json =
        """
        {"specversion": "1.0", "id": "%1$s/%3$s/%4$d", "source": "/cameras/%2$s",
         "type": "io.maskstream.%5$s.%3$s", "subject": "%6$s", "time": "2025-11-25T02:00:56Z",
         "datacontenttype": "application/json",
         "data": {"event": "%1$s", "camera": "%2$s", "zone": "gate", "classes": ["pedestrian"],
           "measure": "share", "value": 0.1, "peak": 0.2, "startMillis": 1000,
           "durationMillis": %4$d, "ruleVersion": "1"}}
        """
            .formatted(id, camera, notice, 1_000 * seconds, kind, subject);
    return Json.read(json.getBytes(StandardCharsets.UTF_8), Event.class);
  }

  private void add(String id, String camera, String notice, long seconds) {
    events.add(event(id, camera, notice, seconds), ++changes);
  }

  @Test
  void noticesOfAnEvent_areOneEntry() {
    add("a/1", "a", "started", 1);
    add("a/1", "a", "ongoing", 60);
    add("a/1", "a", "ended", 70);
    assertThat(events.since(-1)).hasSize(1);
    RecentEvents.View view = events.since(-1).get(0);
    assertThat(view.ongoing()).isFalse();
    assertThat(view.lastMillis() - view.startMillis()).isEqualTo(70_000);
    assertThat(view.classes()).containsExactly("pedestrian");
  }

  @Test
  void noticesThatComeAgain_changeNothing() {
    add("a/1", "a", "started", 1);
    add("a/1", "a", "ended", 70);
    long before = changes;
    add("a/1", "a", "started", 1);
    add("a/1", "a", "ongoing", 60);
    assertThat(events.since(before)).isEmpty();
    assertThat(events.since(-1).get(0).ongoing()).isFalse();
  }

  @Test
  void since_hasWhatChanged_inTheOrderOfTheChanges() {
    add("a/1", "a", "started", 1);
    add("a/2", "a", "started", 1);
    add("a/1", "a", "ended", 5);
    assertThat(events.since(-1)).extracting(RecentEvents.View::id).containsExactly("a/2", "a/1");
    assertThat(events.since(2)).extracting(RecentEvents.View::id).containsExactly("a/1");
  }

  @Test
  void aCameraWithManyEvents_takesNoOthersPlace() {
    add("quiet/1", "quiet", "started", 1);
    for (int i = 0; i < 2 * RecentEvents.MOST_OF_CAMERA; i++) {
      add("busy/" + i, "busy", "ended", 1);
    }
    List<RecentEvents.View> kept = events.since(-1);
    assertThat(kept).hasSize(1 + RecentEvents.MOST_OF_CAMERA);
    assertThat(kept.get(0).camera()).isEqualTo("quiet");
    assertThat(kept.get(1).id()).isEqualTo("busy/" + RecentEvents.MOST_OF_CAMERA);
  }

  @Test
  void events_areBounded() {
    for (int i = 0; i < 3 * RecentEvents.MOST; i++) {
      add("c" + i + "/1", "c" + i, "started", 1);
    }
    assertThat(events.since(-1)).hasSize(RecentEvents.MOST);
  }

  @Test
  void picture_staysWithItsEvent_andIsAChange() {
    add("a/1", "a", "started", 1);
    assertThat(events.since(-1).get(0).snapshot()).isFalse();
    events.picture("a/1", new byte[] {7}, ++changes);
    events.picture("other", new byte[] {8}, ++changes);
    assertThat(events.since(changes - 2).get(0).snapshot()).isTrue();
    add("a/1", "a", "ended", 5);
    assertThat(events.since(changes - 1).get(0).snapshot()).isTrue();
    assertThat(events.picture("a/1")).containsExactly(7);
    assertThat(events.picture("other")).isNull();
  }

  @Test
  void pictures_areBounded() {
    int all = RecentEvents.MOST_PICTURES + 50;
    for (int i = 0; i < all; i++) {
      add("c" + i, "c" + i, "started", 1);
      events.picture("c" + i, new byte[] {1}, ++changes);
    }
    List<RecentEvents.View> kept = events.since(-1);
    assertThat(kept).hasSize(all);
    assertThat(kept.stream().filter(RecentEvents.View::snapshot))
        .hasSize(RecentEvents.MOST_PICTURES);
    assertThat(kept.get(49).snapshot()).isFalse();
    assertThat(events.picture("c49")).isNull();
    assertThat(kept.get(50).snapshot()).isTrue();
  }
}
