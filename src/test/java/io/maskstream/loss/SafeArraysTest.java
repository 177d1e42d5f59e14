package io.maskstream.loss;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SafeArraysTest {

  /** With {@code x.mul(3f)} in place of {@code times}, some of these gradients are 0 or garbage. */
  @Test
  void times_afterGarbageCollection_gradientIsTheNumber() {
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
        GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      List<NDArray> inputs = new ArrayList<>();
      NDArray sum = manager.create(0f);
      for (int i = 0; i < 200; i++) {
        NDArray input = manager.create(1f);
        input.setRequiresGradient(true);
        inputs.add(input);
        sum = sum.add(SafeArrays.times(input, 3));
      }
      System.gc();
      overwriteFreedMemory();
      collector.backward(sum);
      assertThat(inputs).allSatisfy(x -> assertThat(x.getGradient().getFloat()).isEqualTo(3f));
    }
  }

  private static void overwriteFreedMemory() {
    for (int i = 0; i < 20_000; i++) {
      ByteBuffer.allocateDirect(Float.BYTES).putFloat(7f);
    }
  }

  @Test
  void of_transposed_readsInTheOrderOfTheAxes() {
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager()) {
      NDArray rows = manager.create(new float[][] {{1, 2, 3}, {4, 5, 6}});
      assertThat(SafeArrays.of(rows.transpose())).containsExactly(1, 4, 2, 5, 3, 6);
    }
  }
}
