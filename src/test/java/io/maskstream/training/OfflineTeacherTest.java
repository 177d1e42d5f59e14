package io.maskstream.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.maskstream.config.EngineNames;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.SegmentationClass;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OfflineTeacherTest {
  private static final LabelScheme LABELS = LabelScheme.ofIds(ClassTable.camvid11());
  private static final NetworkConfig SHAPE = NetworkConfig.small(11);

  private static Parameters weights(NetworkConfig shape) {
    SegmentationNetwork network = new SegmentationNetwork(shape);
    Map<String, String> metadata = new LinkedHashMap<>(shape.describe());
    metadata.putAll(LABELS.describe());
    return Parameters.initial(network.parameters(), 1).withMetadata(metadata);
  }

  /** A shift of one class shows that logits are those that decide. */
  @Test
  void logits_haveTheOffsetsOfTheTeachersClasses() throws IOException {
    List<Double> offsets = new ArrayList<>(Collections.nCopies(11, 0.0));
    offsets.set(3, 2.5);
    try (NDManager manager = Engine.getEngine(EngineNames.PYTORCH).newBaseManager()) {
      OfflineTeacher plain = OfflineTeacher.of(manager, weights(SHAPE), LABELS);
      OfflineTeacher shifted =
          OfflineTeacher.of(manager, weights(SHAPE.withOffsets(offsets)), LABELS);
      NDArray image = manager.ones(new Shape(2, 3, 32, 48));
      NDArray logits = plain.logits(manager, image);
      assertThat(logits.getShape()).isEqualTo(new Shape(2, 11, 8 * 12));
      float[] shift = shifted.logits(manager, image).sub(logits).toFloatArray();
      for (int i = 0; i < shift.length; i++) {
        boolean third = i / (8 * 12) % 11 == 3;
        assertThat(shift[i]).isCloseTo(third ? 2.5f : 0f, within(1e-5f));
      }
    }
  }

  @Test
  void of_otherClasses_isRefused() {
    ClassTable other =
        new ClassTable(
            "two", List.of(new SegmentationClass("a", 0, "x"), new SegmentationClass("b", 1, "x")));
    try (NDManager manager = Engine.getEngine(EngineNames.PYTORCH).newBaseManager()) {
      assertThatThrownBy(() -> OfflineTeacher.of(manager, weights(SHAPE), LabelScheme.ofIds(other)))
          .hasMessageStartingWith(
              "the teacher's classes must be those of the training, [a, b], are");
    }
  }
}
