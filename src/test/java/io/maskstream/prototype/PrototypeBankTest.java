package io.maskstream.prototype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.prototype.CameraMemory.FrameFacts;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PrototypeBankTest {

  private static PrototypeBank bank(int prototypes, int features, float vector, float mass, int n) {
    float[] vectors = new float[prototypes * features];
    vectors[0] = vector;
    float[] masses = new float[prototypes];
    masses[0] = mass;
    return new PrototypeBank(prototypes, features, vectors, masses, n);
  }

  @Test
  void equals_looksAtEveryPart() {
    PrototypeBank bank = bank(2, 6, 0.5f, 0.1f, 3);
    assertThat(bank).isEqualTo(bank(2, 6, 0.5f, 0.1f, 3));
    assertThat(bank.hashCode()).isEqualTo(bank(2, 6, 0.5f, 0.1f, 3).hashCode());
    assertThat(bank)
        .isNotEqualTo(bank(3, 4, 0.5f, 0.1f, 3))
        .isNotEqualTo(bank(2, 5, 0.5f, 0.1f, 3))
        .isNotEqualTo(bank(2, 6, 0.6f, 0.1f, 3))
        .isNotEqualTo(bank(2, 6, 0.5f, 0.2f, 3))
        .isNotEqualTo(bank(2, 6, 0.5f, 0.1f, 4))
        .isNotEqualTo("bank");
    assertThat(bank.hashCode())
        .isNotEqualTo(bank(2, 6, 0.6f, 0.1f, 3).hashCode())
        .isNotEqualTo(bank(2, 6, 0.5f, 0.2f, 3).hashCode());
  }

  @Test
  void arrays_areCopiedInAndOut() {
    float[] vectors = {1, 0};
    PrototypeBank bank = new PrototypeBank(1, 2, vectors, new float[] {1}, 1);
    vectors[0] = 9;
    bank.vectors()[0] = 9;
    bank.mass()[0] = 9;
    assertThat(bank.vectors()).containsExactly(1, 0);
    assertThat(bank.mass()).containsExactly(1);
  }

  @Test
  void wrongSizes_areRefused() {
    assertThatThrownBy(() -> new PrototypeBank(2, 3, new float[5], new float[2], 0))
        .hasMessage("a bank of 2×3 needs 6 and 2 numbers, has 5 and 2");
    assertThatThrownBy(() -> new PrototypeBank(2, 3, new float[6], new float[1], 0))
        .hasMessageContaining("has 6 and 1");
    assertThatThrownBy(() -> new Luma(3, 2, new byte[5]))
        .hasMessage("a picture of 3×2 needs 6 bytes, has 5");
    assertThatThrownBy(() -> new FlowField(3, 2, new float[11]))
        .hasMessage("a flow of 3×2 needs 12 values, has 11");
    assertThatThrownBy(() -> new LogitMap(2, 3, 4, new float[23]))
        .hasMessage("logits of 2×3×4 need 24 values, have 23");
  }

  @Test
  void denseMemory_isOfTheShapeOfItsLogits() {
    DenseMemory memory = dense(2, 3, 4);
    assertThat(memory.fits(new LogitMap(2, 3, 4, new float[24]))).isTrue();
    assertThat(memory.fits(new LogitMap(3, 3, 4, new float[36]))).isFalse();
    assertThat(memory.fits(new LogitMap(2, 4, 4, new float[32]))).isFalse();
    assertThat(memory.fits(new LogitMap(2, 3, 5, new float[30]))).isFalse();
  }

  @Test
  void denseMemory_ofWrongSizes_isRefused() {
    Luma luma = new Luma(8, 6, new byte[48]);
    assertThatThrownBy(() -> new DenseMemory(2, 3, 4, new byte[23], luma))
        .hasMessage(
            "a memory of 2×3×4 needs 24 probabilities and a picture of 8×6, has 23 and 8×6");
    assertThatThrownBy(() -> new DenseMemory(2, 3, 4, new byte[24], new Luma(7, 6, new byte[42])))
        .hasMessageContaining("has 24 and 7×6");
    assertThatThrownBy(() -> new DenseMemory(2, 3, 4, new byte[24], new Luma(8, 5, new byte[40])))
        .hasMessageContaining("has 24 and 8×5");
  }

  @Test
  void withoutDense_keepsBankAndFacts() {
    FrameFacts facts = new FrameFacts(1, 2, 0, 3, 4, "m@1", new SceneSignature(new float[192]));
    CameraMemory memory =
        new CameraMemory(PrototypeBank.cold(1, 1), facts, Optional.of(dense(2, 3, 4)));
    assertThat(memory.withoutDense()).isEqualTo(new CameraMemory(memory.bank(), facts));
    assertThat(memory.withoutDense().dense()).isEmpty();
  }

  private static DenseMemory dense(int classes, int rows, int columns) {
    return new DenseMemory(
        classes,
        rows,
        columns,
        new byte[classes * rows * columns],
        new Luma(2 * columns, 2 * rows, new byte[4 * rows * columns]));
  }
}
