package io.maskstream.inference;

import static io.maskstream.onnx.ContractTensors.AGREEMENT;
import static io.maskstream.onnx.ContractTensors.CONFIDENCE;
import static io.maskstream.onnx.ContractTensors.EVIDENCE;
import static io.maskstream.onnx.ContractTensors.IMAGE;
import static io.maskstream.onnx.ContractTensors.LABELING;
import static io.maskstream.onnx.ContractTensors.LABELS;
import static io.maskstream.onnx.ContractTensors.LOGITS;
import static io.maskstream.onnx.ContractTensors.PIXELS;
import static io.maskstream.onnx.ContractTensors.PRIOR;
import static io.maskstream.onnx.ContractTensors.PROTOTYPES;
import static io.maskstream.onnx.ContractTensors.TRUST;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names, types and shapes of the model contract's outputs, and the check of them. A graph gives
 * {@code logits}, or {@code labels}, {@code confidence} and {@code pixels}, or all four.
 */
final class Contract {
  static final List<String> INPUTS = List.of(IMAGE, PRIOR, TRUST);

  private record Tensor(DataType type, Shape shape) {}

  private Contract() {}

  /** What outputs of a batch miss of the contract, one line each; empty where they meet it. */
  static List<String> violations(ModelCard card, NDList outputs, int batch) {
    boolean withLogits = find(outputs, LOGITS).isPresent();
    boolean withLabels = find(outputs, LABELS).isPresent();
    List<String> problems = new ArrayList<>();
    expected(card, batch)
        .forEach(
            (name, tensor) -> {
              boolean optional =
                  name.equals(LOGITS) ? withLabels : LABELING.contains(name) && withLogits;
              Optional<NDArray> found = find(outputs, name);
              if (found.isPresent()) {
                difference(name, tensor, found.get()).ifPresent(problems::add);
              } else if (!optional) {
                problems.add("output '" + name + "' is missing");
              }
            });
    return problems;
  }

  /** The output of a name. */
  static Optional<NDArray> find(NDList outputs, String name) {
    return outputs.stream().filter(array -> name.equals(array.getName())).findFirst();
  }

  private static Optional<String> difference(String name, Tensor tensor, NDArray found) {
    if (found.getDataType() == tensor.type && found.getShape().equals(tensor.shape)) {
      return Optional.empty();
    }
    return Optional.of(
        "output '%s' must be %s %s, is %s %s"
            .formatted(name, tensor.type, tensor.shape, found.getDataType(), found.getShape()));
  }

  private static Map<String, Tensor> expected(ModelCard card, int batch) {
    int classes = card.classes().size();
    int rows = card.prototypes();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(LABELS, new Tensor(DataType.UINT8, new Shape(batch, card.height(), card.width())));
    tensors.put(CONFIDENCE, new Tensor(DataType.FLOAT32, new Shape(batch, classes)));
    tensors.put(PIXELS, new Tensor(DataType.INT32, new Shape(batch, classes)));
    tensors.put(
        LOGITS,
        new Tensor(DataType.FLOAT32, new Shape(batch, classes, card.rows(), card.columns())));
    tensors.put(PROTOTYPES, new Tensor(DataType.FLOAT32, new Shape(batch, rows, card.features())));
    tensors.put(EVIDENCE, new Tensor(DataType.FLOAT32, new Shape(batch, rows)));
    tensors.put(AGREEMENT, new Tensor(DataType.FLOAT32, new Shape(batch)));
    return tensors;
  }
}
