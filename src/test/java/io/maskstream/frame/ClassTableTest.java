package io.maskstream.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassTableTest {

  private static List<SegmentationClass> classes(int count) {
    return IntStream.range(0, count)
        .mapToObj(k -> new SegmentationClass("class " + k, k, "group"))
        .toList();
  }

  @Test
  void camvid_hasElevenClassesByTheirIds() {
    ClassTable table = ClassTable.camvid11();
    assertThat(table.id()).isEqualTo("camvid11");
    assertThat(table.size()).isEqualTo(11);
    assertThat(table.name(0)).isEqualTo("sky");
    assertThat(table.name(10)).isEqualTo("bicyclist");
  }

  @Test
  void size_isTwoTo255() {
    assertThat(new ClassTable("t", classes(2)).size()).isEqualTo(2);
    assertThat(new ClassTable("t", classes(255)).size()).isEqualTo(255);
    assertThatThrownBy(() -> new ClassTable("t", classes(1)))
        .hasMessage("class table t must have 2 to 255 classes, has 1");
    assertThatThrownBy(() -> new ClassTable("t", classes(256))).hasMessageContaining("has 256");
  }

  @Test
  void nameTwice_isRefused() {
    SegmentationClass car = new SegmentationClass("car", 1, "vehicle");
    assertThatThrownBy(() -> new ClassTable("t", List.of(car, car)))
        .hasMessage("class table t names a class twice: car");
  }

  @Test
  void color_isReadAndWrittenInHexadecimal() {
    SegmentationClass car = SegmentationClass.ofHex("car", "#0a20E0", "vehicle");
    assertThat(car).isEqualTo(new SegmentationClass("car", 0x0A20E0, "vehicle"));
    assertThat(car.hexColor()).isEqualTo("#0A20E0");
    assertThatThrownBy(() -> SegmentationClass.ofHex("car", "0a20E0", "vehicle"))
        .hasMessage("color of class car must be #RRGGBB, is '0a20E0'");
  }

  @Test
  void color_outOfRange_isRefused() {
    assertThat(new SegmentationClass("white", 0xFFFFFF, "g").hexColor()).isEqualTo("#FFFFFF");
    assertThat(new SegmentationClass("black", 0, "g").hexColor()).isEqualTo("#000000");
    assertThatThrownBy(() -> new SegmentationClass("car", 0x1000000, "g"))
        .hasMessageContaining("color of class car must be 0x000000 to 0xFFFFFF");
    assertThatThrownBy(() -> new SegmentationClass("car", -1, "g")).hasMessageContaining("is -1");
  }

  @Test
  void distinctColors_areBrightAndFarApartInHue() {
    for (int k = 0; k < 30; k++) {
      Color color = new Color(SegmentationClass.distinctColor(k));
      Color next = new Color(SegmentationClass.distinctColor(k + 1));
      assertThat(SegmentationClass.distinctColor(k)).isBetween(0, 0xFFFFFF);
      float turn = Math.abs(hue(color) - hue(next));
      assertThat(Math.min(turn, 1 - turn)).isBetween(0.37f, 0.39f); // golden ratio: 1 - 0.618
    }
  }

  private static float hue(Color color) {
    return Color.RGBtoHSB(color.getRed(), color.getGreen(), color.getBlue(), null)[0];
  }
}
