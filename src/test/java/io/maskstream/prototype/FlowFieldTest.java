package io.maskstream.prototype;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FlowFieldTest {

  private static FlowField shift(int width, int height, float right, float down) {
    float[] vectors = new float[2 * width * height];
    for (int i = 0; i < vectors.length; i += 2) {
      vectors[i] = right;
      vectors[i + 1] = down;
    }
    return new FlowField(width, height, vectors);
  }

  @Test
  void flows_addUp() {
    FlowField sum = shift(4, 3, 1.25f, -2).then(shift(4, 3, -0.5f, 3));
    assertThat(sum).usingRecursiveComparison().isEqualTo(shift(4, 3, 0.75f, 1));
  }

  @Test
  void earlierFlow_isThatOfThePlaceBefore() {
    FlowField before = new FlowField(3, 2, new float[] {0, 0, 10, 0, 20, 0, 0, 5, 10, 5, 20, 5});
    FlowField sum = shift(3, 2, 0.5f, 0.5f).then(before);
    assertThat(sum.vectors())
        .containsExactly(5.5f, 3, 15.5f, 3, 20.5f, 3, 5.5f, 5.5f, 15.5f, 5.5f, 20.5f, 5.5f);
  }

  @Test
  void onePixel_hasNoNeighbors() {
    assertThat(shift(1, 1, 7, 7).then(shift(1, 1, 1, 2)).vectors()).containsExactly(8, 9);
  }
}
