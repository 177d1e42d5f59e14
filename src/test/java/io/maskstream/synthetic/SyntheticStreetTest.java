package io.maskstream.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyntheticStreetTest {

  @Test
  void at_sameSeedAndTime_isTheSameFrame() {
    LabeledPicture a = new SyntheticStreet(9, 160, 120).at(Duration.ofMillis(2_500));
    LabeledPicture b = new SyntheticStreet(9, 160, 120).at(Duration.ofMillis(2_500));
    assertThat(a.picture().rgb()).isEqualTo(b.picture().rgb());
    assertThat(a.groundTruth().labels()).isEqualTo(b.groundTruth().labels());
  }

  @Test
  void at_inAnyProcess_drawsTheSameStreet() {
    // Random's numbers are specified; nothing of a scene may come from hash codes or clocks.
    StreetScene scene = StreetScene.random(new java.util.Random(9));
    assertThat(scene.skylineSeed()).isEqualTo(686893525832073164L);
    assertThat(scene).isEqualTo(StreetScene.random(new java.util.Random(9)));
  }

  @Test
  void at_manyScenes_showsEveryClassAndNoOther() {
    SyntheticStreet street = new SyntheticStreet(2, 320, 240);
    Set<Integer> seen = new HashSet<>();
    for (int scene = 0; scene < 12; scene++) {
      for (byte label :
          street.at(SyntheticStreet.SCENE.multipliedBy(scene)).groundTruth().labels()) {
        seen.add((int) label);
      }
    }
    Set<Integer> all = new HashSet<>();
    for (int k = 0; k < ClassTable.camvid11().size(); k++) {
      all.add(k);
    }
    assertThat(seen).isEqualTo(all);
  }

  @Test
  void at_nextScene_looksDifferent() {
    SyntheticStreet street = new SyntheticStreet(2, 160, 120);
    byte[] before = street.at(SyntheticStreet.SCENE.minusMillis(1)).groundTruth().labels();
    byte[] after = street.at(SyntheticStreet.SCENE).groundTruth().labels();
    int changed = 0;
    for (int i = 0; i < before.length; i++) {
      changed += before[i] == after[i] ? 0 : 1;
    }
    assertThat(changed).isGreaterThan(before.length / 20);
  }
}
