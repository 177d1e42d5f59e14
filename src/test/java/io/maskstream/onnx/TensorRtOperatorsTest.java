package io.maskstream.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What TensorRT's ONNX parser does not take without plug-ins must not get into a graph; without a
 * GPU nothing else would tell. From the parser's source, 10.x (onnx-tensorrt, onnxOpImporters.cpp).
 */
class TensorRtOperatorsTest {
  private static final Set<String> OPERATORS =
      Set.of(
          "Add",
          "And",
          "ArgMax",
          "Cast",
          "Clip",
          "Concat",
          "Conv",
          "Div",
          "Equal",
          "Greater",
          "Identity",
          "Log",
          "MatMul",
          "Max",
          "Mul",
          "ReduceMax",
          "ReduceSum",
          "Relu",
          "Reshape",
          "Resize",
          "Shape",
          "Slice",
          "Softmax",
          "Sqrt",
          "Sub",
          "Transpose");

  private static final int FLOAT = TensorProto.DataType.FLOAT.getNumber();
  private static final int UINT8 = TensorProto.DataType.UINT8.getNumber();

  @ParameterizedTest
  @ValueSource(strings = {"models/street-ssa", "models/street-protoseg"})
  void committedGraphs_useOnlyWhatTensorRtHas(String folder) throws Exception {
    byte[] graph = Files.readAllBytes(Path.of(folder, "model.onnx"));
    check(ModelProto.parseFrom(graph).getGraph());
    check(ModelProto.parseFrom(HalfPrecision.convert(graph)).getGraph());
  }

  private static void check(GraphProto graph) {
    assertThat(graph.getNodeList()).extracting(NodeProto::getOpType).isSubsetOf(OPERATORS);
    Set<String> bytes = named(graph.getInputList());
    Set<String> bytesOut = named(graph.getOutputList());
    Set<String> floats = new HashSet<>();
    Set<String> constants =
        graph.getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
    for (NodeProto node : graph.getNodeList()) {
      boolean cast = node.getOpType().equals("Cast");
      if (node.getInputList().stream().anyMatch(bytes::contains)) {
        assertThat(cast && to(node) == FLOAT).as("uint8 into %s", node.getName()).isTrue();
      }
      if (cast && to(node) == FLOAT) {
        floats.add(node.getOutput(0));
      }
      if (cast && to(node) == UINT8) {
        assertThat(floats).as("uint8 from a float only").contains(node.getInput(0));
        assertThat(bytesOut).as("uint8 only to an output").contains(node.getOutput(0));
      }
      if (node.getOpType().equals("Resize")) {
        assertThat(constants).as("sizes of %s", node.getName()).doesNotContain(node.getInput(3));
      }
    }
  }

  private static Set<String> named(List<ValueInfoProto> values) {
    return values.stream()
        .filter(value -> value.getType().getTensorType().getElemType() == UINT8)
        .map(ValueInfoProto::getName)
        .collect(Collectors.toSet());
  }

  private static int to(NodeProto cast) {
    return (int) cast.getAttribute(0).getI();
  }
}
