package io.maskstream.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfFloatTest {

  /** Values and their bits by IEEE 754. */
  @ParameterizedTest
  @CsvSource({
    "0, 0000",
    "-0.0, 8000",
    "1, 3C00",
    "-2, C000",
    "65504, 7BFF",
    "65519, 7BFF",
    "65520, 7C00",
    "1e10, 7C00",
    "-1e10, FC00",
    "0.000061035156, 0400",
    "5.9604645e-8, 0001",
    "2.9802322e-8, 0000",
    "2.99e-8, 0001",
    "1.0004883, 3C00",
    "1.0014648, 3C02",
    "0.33333334, 3555"
  })
  void of_roundsToNearestEven(float value, String bits) {
    assertThat("%04X".formatted(HalfFloat.of(value) & 0xFFFF)).isEqualTo(bits);
  }

  @Test
  void toFloat_andBack_isTheSameForAllNumbers() {
    for (int bits = 0; bits <= 0xFFFF; bits++) {
      float value = HalfFloat.toFloat((short) bits);
      boolean nan = (bits & 0x7C00) == 0x7C00 && (bits & 0x3FF) != 0;
      assertThat(Float.isNaN(value)).as("%04X", bits).isEqualTo(nan);
      if (!nan) {
        assertThat(HalfFloat.of(value)).as("%04X", bits).isEqualTo((short) bits);
      }
    }
    assertThat(HalfFloat.toFloat((short) 0x3555)).isEqualTo(0.33325195f);
  }

  @Test
  void weights_inHalfPrecision_areReadAsRounded(@TempDir Path folder) throws Exception {
    float[] data = {1f, -0.33333334f, 1e-3f, 1234.5f};
    Map<String, Parameters.Value> values =
        Map.of("a", new Parameters.Value(new long[] {2, 2}, data));
    Parameters parameters = new Parameters(values, Map.of("kind", "test"));
    Path whole = folder.resolve("whole.safetensors");
    Path half = folder.resolve("half.safetensors");
    parameters.write(whole);
    parameters.writeHalf(half);

    assertThat(Parameters.read(whole).get("a").data()).containsExactly(data);
    Parameters read = Parameters.read(half);
    assertThat(read.metadata()).containsEntry("kind", "test");
    assertThat(read.get("a").shape()).containsExactly(2, 2);
    assertThat(read.get("a").data()).containsExactly(1f, -0.33325195f, 0.0010004044f, 1234f);
    assertThat(Files.size(whole) - Files.size(half)).isBetween(8L, 16L);
  }
}
