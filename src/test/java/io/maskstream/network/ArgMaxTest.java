package io.maskstream.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArgMaxTest {
  private static int of(double... scores) {
    return ArgMax.of(scores.length, k -> scores[k]);
  }

  @Test
  void of_isTheLargest_theLowestClassOfEqualOnes() {
    assertThat(of(-3, -1, -2)).isEqualTo(1);
    assertThat(of(2, 5, 5)).isEqualTo(1);
    assertThat(of(7, 7)).isZero();
    assertThat(of(0, 1)).isEqualTo(1);
  }

  @Test
  void of_scoresThatAreNoNumbers_neverWin() {
    assertThat(of(Double.NaN, -1e30, Double.NaN)).isEqualTo(1);
    assertThat(of(Double.NaN, Double.NaN)).isZero();
  }
}
