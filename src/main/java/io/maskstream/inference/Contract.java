package io.maskstream.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names, types and shapes of the model contract's outputs, and the check of them. */
final class Contract {
  static final String LABELS = "labels";
  static final String CONFIDENCE = "confidence";
  static final String PIXELS = "pixels";
  static final String PROTOTYPES = "prototypes";
  static final String EVIDENCE = "evidence";
  static final String AGREEMENT = "agreement";

  static final List<String> INPUTS = List.of("image", "prior", "trust");

  private record Tensor(DataType type, Shape shape) {}

  private Contract() {}

  /** What outputs of a batch miss of the contract, one line each; empty where they meet it. */
  static List<String> violations(ModelCard card, NDList outputs, int batch) {
    List<String> problems = new ArrayList<>();
    expected(card, batch)
        .forEach(
            (name, tensor) -> {
              NDArray found =
                  outputs.stream()
                      .filter(array -> name.equals(array.getName()))
                      .findFirst()
                      .orElse(null);
              if (found == null) {
                problems.add("output '" + name + "' is missing");
              } else if (found.getDataType() != tensor.type
                  || !found.getShape().equals(tensor.shape)) {
                problems.add(
                    "output '%s' must be %s %s, is %s %s"
                        .formatted(
                            name,
                            tensor.type,
                            tensor.shape,
                            found.getDataType(),
                            found.getShape()));
              }
            });
    return problems;
  }

  private static Map<String, Tensor> expected(ModelCard card, int batch) {
    int classes = card.classes().size();
    int rows = card.prototypes();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(LABELS, new Tensor(DataType.UINT8, new Shape(batch, card.height(), card.width())));
    tensors.put(CONFIDENCE, new Tensor(DataType.FLOAT32, new Shape(batch, classes)));
    tensors.put(PIXELS, new Tensor(DataType.INT32, new Shape(batch, classes)));
    tensors.put(PROTOTYPES, new Tensor(DataType.FLOAT32, new Shape(batch, rows, card.features())));
    tensors.put(EVIDENCE, new Tensor(DataType.FLOAT32, new Shape(batch, rows)));
    tensors.put(AGREEMENT, new Tensor(DataType.FLOAT32, new Shape(batch)));
    return tensors;
  }
}
