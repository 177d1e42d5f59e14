package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PictureConditionsTest {
  private final PictureConditions conditions = new PictureConditions();

  private boolean take(String condition, String camera, String notice) {
    return conditions.take(RecentEventsTest.condition(condition, camera, notice));
  }

  @Test
  void of_hasThoseThatAreNotOver() {
    assertThat(take("moved", "a", "started")).isTrue();
    assertThat(take("covered", "a", "started")).isTrue();
    assertThat(take("covered", "b", "ongoing")).isTrue();
    assertThat(conditions.of("a")).containsExactly("covered", "moved");
    assertThat(take("covered", "a", "ended")).isTrue();
    assertThat(conditions.of("a")).containsExactly("moved");
    assertThat(conditions.of("b")).containsExactly("covered");
    assertThat(conditions.of("c")).isEmpty();
  }

  @Test
  void take_ofWhatIsKnown_changesNothing() {
    take("moved", "a", "started");
    assertThat(take("moved", "a", "ongoing")).isFalse();
    assertThat(take("frozen", "a", "ended")).isFalse();
    assertThat(conditions.take(RecentEventsTest.event("a/1", "a", "started", 1))).isFalse();
    assertThat(conditions.of("a")).containsExactly("moved");
  }

  @Test
  void forget_leavesOtherCameras() {
    take("moved", "a", "started");
    take("moved", "b", "started");
    conditions.forget("a");
    assertThat(conditions.of("a")).isEmpty();
    assertThat(conditions.of("b")).containsExactly("moved");
  }

  @Test
  void cameras_areBounded_andMakeRoomWhenAllIsWell() {
    for (int i = 0; i < PictureConditions.MOST_CAMERAS; i++) {
      take("moved", "c" + i, "started");
    }
    assertThatThrownBy(() -> take("moved", "one-more", "started"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("10000");
    take("moved", "c0", "ended");
    assertThat(take("moved", "one-more", "started")).isTrue();
  }
}
