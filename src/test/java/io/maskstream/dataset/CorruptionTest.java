package io.maskstream.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.dataset.Corruption.Kind;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CorruptionTest {
  private static LabeledPicture frame() throws IOException {
    return new StreetFrames(1, 96, 72, 6).get(2);
  }

  private static double change(LabeledPicture frame, Corruption corruption) {
    byte[] before = frame.picture().rgb();
    byte[] after = corruption.apply(frame, 7).picture().rgb();
    double sum = 0;
    for (int i = 0; i < before.length; i++) {
      sum += Math.abs((before[i] & 0xFF) - (after[i] & 0xFF));
    }
    return sum / before.length;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void apply_changesMoreWithStrengthAndLeavesTheFrame(Kind kind) throws IOException {
    LabeledPicture frame = frame();
    byte[] before = frame.picture().rgb().clone();
    double mild = change(frame, new Corruption(kind, 1));
    double middle = change(frame, new Corruption(kind, 2));
    double hard = change(frame, new Corruption(kind, 3));
    assertThat(mild).isGreaterThan(0.5).isLessThan(middle);
    assertThat(middle).isLessThan(hard);
    assertThat(frame.picture().rgb()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = EnumSource.Mode.EXCLUDE, names = "VIEW")
  void apply_ofALook_leavesTheLabels(Kind kind) throws IOException {
    LabeledPicture frame = frame();
    LabeledPicture seen = new Corruption(kind, 3).apply(frame, 1);
    assertThat(seen.groundTruth()).isEqualTo(frame.groundTruth());
  }

  @Test
  void apply_ofAView_movesLabelsWithThePicture() throws IOException {
    LabeledPicture frame = frame();
    byte[] ids = new Corruption(Kind.VIEW, 3).apply(frame, 1).groundTruth().labels();
    assertThat(ids).isNotEqualTo(frame.groundTruth().labels());
    int unknown = 0;
    for (byte id : ids) {
      assertThat(id & 0xFF).matches(value -> value < 11 || value == ClassTable.VOID);
      unknown += (id & 0xFF) == ClassTable.VOID ? 1 : 0;
    }
    assertThat(unknown).isLessThan(ids.length / 4);
  }

  @Test
  void apply_noise_differsFromFrameToFrameFogDoesNot() throws IOException {
    LabeledPicture frame = frame();
    Corruption noise = new Corruption(Kind.NOISE, 1);
    Corruption fog = new Corruption(Kind.FOG, 1);
    assertThat(noise.apply(frame, 1).picture().rgb())
        .isEqualTo(noise.apply(frame, 1).picture().rgb())
        .isNotEqualTo(noise.apply(frame, 2).picture().rgb());
    assertThat(fog.apply(frame, 1).picture().rgb()).isEqualTo(fog.apply(frame, 2).picture().rgb());
  }

  @Test
  void of_label_findsItOrNamesTheRule() {
    assertThat(Corruption.all()).hasSize(24);
    for (Corruption corruption : Corruption.all()) {
      assertThat(Corruption.of(corruption.label())).isEqualTo(corruption);
    }
    assertThatThrownBy(() -> Corruption.of("snow-1"))
        .hasMessageContaining("corruption 'snow-1' is none of [night, fog");
    assertThatThrownBy(() -> new Corruption(Kind.FOG, 4)).hasMessageContaining("1 to 3, is 4");
  }
}
