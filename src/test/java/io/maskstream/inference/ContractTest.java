package io.maskstream.inference;

import static io.maskstream.onnx.ContractTensors.AGREEMENT;
import static io.maskstream.onnx.ContractTensors.CONFIDENCE;
import static io.maskstream.onnx.ContractTensors.EVIDENCE;
import static io.maskstream.onnx.ContractTensors.LABELS;
import static io.maskstream.onnx.ContractTensors.LOGITS;
import static io.maskstream.onnx.ContractTensors.PIXELS;
import static io.maskstream.onnx.ContractTensors.PROTOTYPES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.maskstream.frame.ClassTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContractTest {
  private static final int BATCH = 3;
  private static final ModelCard CARD = card(10, 7, 4, 6, 2);

  private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();

  @AfterEach
  void tearDown() {
    manager.close();
  }

  private static ModelCard card(int width, int height, int stride, int features, int perClass) {
    return new ModelCard(
        "m",
        "7",
        "protoseg",
        "camvid11",
        ModelCard.entries(ClassTable.camvid11()),
        width,
        height,
        stride,
        features,
        perClass,
        "none",
        "none",
        "",
        "",
        Map.of(),
        0,
        Map.of(),
        ModelCard.NOT_MEASURED,
        ModelCard.EXACT_WEIGHT_BITS,
        ModelCard.NO_THRESHOLD);
  }

  private NDArray array(String name, DataType type, long... shape) {
    NDArray array = manager.zeros(new Shape(shape), type);
    array.setName(name);
    return array;
  }

  /** Outputs that meet the contract. */
  private List<NDArray> outputs() {
    return new ArrayList<>(
        List.of(
            array(LABELS, DataType.UINT8, BATCH, 7, 10),
            array(CONFIDENCE, DataType.FLOAT32, BATCH, 11),
            array(PIXELS, DataType.INT32, BATCH, 11),
            array(LOGITS, DataType.FLOAT32, BATCH, 11, 2, 3),
            array(PROTOTYPES, DataType.FLOAT32, BATCH, 22, 6),
            array(EVIDENCE, DataType.FLOAT32, BATCH, 22),
            array(AGREEMENT, DataType.FLOAT32, BATCH)));
  }

  private static List<String> violations(List<NDArray> outputs) {
    return Contract.violations(CARD, new NDList(outputs), BATCH);
  }

  private List<NDArray> without(String... names) {
    List<NDArray> outputs = outputs();
    outputs.removeIf(array -> List.of(names).contains(array.getName()));
    return outputs;
  }

  @Test
  void outputsOfEitherKind_meetIt() {
    assertThat(violations(outputs())).isEmpty();
    assertThat(violations(without(LOGITS))).isEmpty();
    assertThat(violations(without(LABELS, CONFIDENCE, PIXELS))).isEmpty();
  }

  @Test
  void missingOutputs_areNamed() {
    for (String name : List.of(PROTOTYPES, EVIDENCE, AGREEMENT)) {
      assertThat(violations(without(name))).containsExactly("output '" + name + "' is missing");
    }
    assertThat(violations(without(LOGITS, CONFIDENCE)))
        .containsExactly("output 'confidence' is missing");
    assertThat(violations(without(LABELS, CONFIDENCE, PIXELS, LOGITS))).hasSize(4);
  }

  @Test
  void outputsOfAnotherTypeOrShape_areNamedWithBoth() {
    for (int i = 0; i < outputs().size(); i++) {
      List<NDArray> outputs = outputs();
      NDArray right = outputs.get(i);
      long[] longer = right.getShape().getShape().clone();
      longer[longer.length - 1]++;
      outputs.set(i, array(right.getName(), right.getDataType(), longer));
      assertThat(violations(outputs))
          .containsExactly(
              "output '%s' must be %s %s, is %s %s"
                  .formatted(
                      right.getName(),
                      right.getDataType(),
                      right.getShape(),
                      right.getDataType(),
                      new Shape(longer)));
      outputs.set(i, array(right.getName(), DataType.FLOAT64, right.getShape().getShape()));
      assertThat(violations(outputs)).singleElement().asString().contains("is float64");
    }
  }

  @Test
  void card_sidesOfScores_areRoundedUp_andRowsAreOfEveryClass() {
    assertThat(CARD.rows()).isEqualTo(2);
    assertThat(CARD.columns()).isEqualTo(3);
    assertThat(CARD.prototypes()).isEqualTo(22);
    assertThat(CARD.name()).isEqualTo("m@7");
    assertThat(card(8_192, 1, 1, 1, 1).width()).isEqualTo(8_192);
    assertThatThrownBy(() -> card(8_193, 1, 1, 1, 1))
        .hasMessage("width must be 1 to 8192, is 8193");
    assertThatThrownBy(() -> card(1, 0, 1, 1, 1)).hasMessage("height must be 1 to 8192, is 0");
  }

  @Test
  void tensorRt_whereItCannotStart_isASentence_orGivesWay() throws Exception {
    assumeThat(EngineChoice.AUTO.resolve()).isEqualTo("OnnxRuntime"); // no GPU here
    assertThatThrownBy(EngineChoice.TENSORRT::resolve)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("engine: tensorrt cannot start")
        .hasMessageContaining("docs/gpu.md");
    assertThat(EngineChoice.ONNX_RUNTIME.resolve()).isEqualTo("OnnxRuntime");
  }
}
