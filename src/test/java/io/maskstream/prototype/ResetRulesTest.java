package io.maskstream.prototype;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.prototype.CameraMemory.FrameFacts;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ResetRulesTest {
  private static final ResetRules RULES = ResetRules.defaults();

  private static byte[] noise(long seed) {
    byte[] rgb = new byte[3 * 64 * 48];
    Random random = new Random(seed);
    for (int y = 0; y < 48; y++) {
      for (int x = 0; x < 64; x++) {
        int block = new Random(seed * 1000 + y / 8 * 8L + x / 8).nextInt(256);
        for (int c = 0; c < 3; c++) {
          rgb[3 * (y * 64 + x) + c] =
              (byte) Math.max(0, Math.min(255, block + random.nextInt(9) - 4));
        }
      }
    }
    return rgb;
  }

  private static FrameFacts facts(long epoch, long micros, int width, String model, long scene) {
    return new FrameFacts(
        epoch, micros, 0, width, 48, model, SceneSignature.of(64, 48, noise(scene)));
  }

  private static CameraMemory memory(FrameFacts facts) {
    return new CameraMemory(PrototypeBank.cold(2, 2), facts);
  }

  private static final FrameFacts LAST = facts(1, 1_000_000, 64, "m@1", 1);

  @Test
  void reason_nothingKnown_isFirstFrame() {
    assertThat(RULES.reason(null, LAST)).contains(ResetReason.FIRST_FRAME);
  }

  @Test
  void reason_nextFrame_isNone() {
    assertThat(RULES.reason(memory(LAST), facts(1, 1_066_000, 64, "m@1", 1))).isEmpty();
  }

  @Test
  void reason_eachChange_hasItsName() {
    CameraMemory memory = memory(LAST);
    assertThat(RULES.reason(memory, facts(1, 1_066_000, 64, "m@2", 1))).contains(ResetReason.MODEL);
    assertThat(RULES.reason(memory, facts(1, 1_066_000, 32, "m@1", 1)))
        .contains(ResetReason.RESOLUTION);
    assertThat(RULES.reason(memory, facts(2, 1_066_000, 64, "m@1", 1)))
        .contains(ResetReason.RECONNECT);
    assertThat(RULES.reason(memory, facts(1, 9_000_000, 64, "m@1", 1))).contains(ResetReason.GAP);
    assertThat(RULES.reason(memory, facts(1, 1_066_000, 64, "m@1", 2)))
        .contains(ResetReason.SCENE_CUT);
  }

  @Test
  void reason_pauseOfMaxGap_isOneScene() {
    long micros = LAST.captureMicros() + 5_000_000;
    assertThat(RULES.reason(memory(LAST), facts(1, micros, 64, "m@1", 1))).isEmpty();
    assertThat(RULES.reason(memory(LAST), facts(1, micros + 1, 64, "m@1", 1)))
        .contains(ResetReason.GAP);
  }

  @Test
  void reason_pauseOfASlowCamera_isOneScene() {
    FrameFacts slow = new FrameFacts(1, 1_000_000, 40_000_000, 64, 48, "m@1", LAST.signature());
    assertThat(RULES.reason(memory(slow), facts(1, 121_000_000, 64, "m@1", 1))).isEmpty();
    assertThat(RULES.reason(memory(slow), facts(1, 121_001_000, 64, "m@1", 1)))
        .contains(ResetReason.GAP);
  }

  @Test
  void reason_otherHeight_isResolution() {
    FrameFacts higher = new FrameFacts(1, 1_066_000, 0, 64, 49, "m@1", LAST.signature());
    assertThat(RULES.reason(memory(LAST), higher)).contains(ResetReason.RESOLUTION);
  }

  @Test
  void reason_distanceOfTheSceneCut_isOneScene() {
    FrameFacts next = facts(1, 1_066_000, 64, "m@1", 2);
    double distance = LAST.signature().distance(next.signature());
    assertThat(new ResetRules(ResetRules.DEFAULT_MAX_GAP, distance).reason(memory(LAST), next))
        .isEmpty();
    double less = Math.nextDown(distance);
    assertThat(new ResetRules(ResetRules.DEFAULT_MAX_GAP, less).reason(memory(LAST), next))
        .contains(ResetReason.SCENE_CUT);
  }

  @Test
  void label_isInKebabCase() {
    assertThat(ResetReason.FIRST_FRAME.label()).isEqualTo("first-frame");
  }

  @Test
  void signature_changeOfLight_isNoSceneCut() {
    byte[] bright = noise(1);
    byte[] dark = new byte[bright.length];
    for (int i = 0; i < dark.length; i++) {
      dark[i] = (byte) ((bright[i] & 0xFF) / 2);
    }
    double distance = SceneSignature.of(64, 48, bright).distance(SceneSignature.of(64, 48, dark));
    assertThat(distance).isLessThan(0.01);
  }
}
