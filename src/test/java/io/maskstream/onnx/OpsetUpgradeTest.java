package io.maskstream.onnx;

import static io.maskstream.onnx.GraphBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX Runtime, which knows all operator sets, on graphs before and after. */
class OpsetUpgradeTest {
  private static final long[] SHAPE = {2, 4, 3, 5};

  private static AttributeProto real(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  private static AttributeProto reals(String name, float... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOATS);
    for (float value : values) {
      attribute.addFloats(value);
    }
    return attribute.build();
  }

  private static AttributeProto ints(String name, long... values) {
    return attribute(name, values);
  }

  private static List<Arguments> nodes() {
    return List.of(
        Arguments.of(12, "Unsqueeze", 1, List.of(ints("axes", 0))),
        Arguments.of(12, "ReduceSum", 1, List.of(ints("axes", 1, 3), attribute("keepdims", 0))),
        Arguments.of(17, "ReduceMax", 1, List.of(ints("axes", 2))),
        Arguments.of(11, "ReduceMean", 1, List.of(ints("axes", -1))),
        Arguments.of(17, "ReduceL2", 1, List.of()),
        Arguments.of(12, "Split", 2, List.of(attribute("axis", 1), ints("split", 1, 3))),
        Arguments.of(12, "Split", 2, List.of(attribute("axis", 1))),
        Arguments.of(13, "Split", 2, List.of(attribute("axis", 1))),
        Arguments.of(12, "Softmax", 1, List.of()),
        Arguments.of(12, "Softmax", 1, List.of(attribute("axis", 2))),
        Arguments.of(12, "LogSoftmax", 1, List.of(attribute("axis", -1))),
        Arguments.of(17, "Softmax", 1, List.of(attribute("axis", 1))),
        Arguments.of(
            9, "Slice", 1, List.of(ints("axes", 1, 2), ints("starts", 1, 0), ints("ends", 3, 2))),
        Arguments.of(10, "Pad", 1, List.of(ints("pads", 0, 0, 1, 2, 0, 0, 0, 1), real("value", 3))),
        Arguments.of(10, "Clip", 1, List.of(real("min", -0.5f), real("max", 0.25f))),
        Arguments.of(10, "Clip", 1, List.of(real("max", 0.25f))),
        Arguments.of(9, "TopK", 1, List.of(attribute("k", 2))),
        Arguments.of(
            8, "Upsample", 1, List.of(attribute("mode", "linear"), reals("scales", 1, 1, 2, 2))),
        Arguments.of(8, "Upsample", 1, List.of(reals("scales", 1, 1, 2, 3))),
        Arguments.of(11, "Dropout", 1, List.of(real("ratio", 0.3f))),
        Arguments.of(17, "Relu", 1, List.of()));
  }

  @ParameterizedTest
  @MethodSource("nodes")
  void upgrade_keepsWhatANodeComputes(
      int opset, String type, int outputs, List<AttributeProto> attributes) throws Exception {
    ModelProto old = model(opset, node(type, outputs, attributes));
    ModelProto upgraded = OpsetUpgrade.upgrade(old);
    assertThat(OpsetUpgrade.opset(upgraded)).isEqualTo(18);
    float[] values = new float[2 * 4 * 3 * 5];
    Random random = new Random(4);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Map<String, GraphRun.Value> input = Map.of("x", new GraphRun.Value(SHAPE, values));
    try (GraphRun before = GraphRun.of(old, List.of(), 1);
        GraphRun after = GraphRun.of(upgraded, List.of(), 1)) {
      Map<String, GraphRun.Value> expected = before.run(input);
      Map<String, GraphRun.Value> actual = after.run(input);
      assertThat(actual.keySet()).isEqualTo(expected.keySet());
      for (Map.Entry<String, GraphRun.Value> output : expected.entrySet()) {
        GraphRun.Value found = Objects.requireNonNull(actual.get(output.getKey()));
        assertThat(found.shape()).isEqualTo(output.getValue().shape());
        assertThat(found.values())
            .usingComparatorWithPrecision(1e-6f)
            .containsExactly(output.getValue().values());
      }
    }
  }

  private static NodeProto node(String type, int outputs, List<AttributeProto> attributes) {
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(type).addInput("x").addAllAttribute(attributes);
    for (int i = 0; i < outputs; i++) {
      node.addOutput("y" + i);
    }
    if (type.equals("TopK")) {
      node.addOutput("indices");
    }
    return node.build();
  }

  private static ModelProto model(int opset, NodeProto node) {
    ValueInfoProto.Builder input = ValueInfoProto.newBuilder().setName("x");
    input
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .setElemType(TensorProto.DataType.FLOAT.getNumber());
    for (long length : SHAPE) {
      input
          .getTypeBuilder()
          .getTensorTypeBuilder()
          .getShapeBuilder()
          .addDimBuilder()
          .setDimValue(length);
    }
    GraphProto.Builder graph = GraphProto.newBuilder().setName("one").addNode(node).addInput(input);
    node.getOutputList()
        .forEach(name -> graph.addOutput(ValueInfoProto.newBuilder().setName(name)));
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(6).setGraph(graph);
    model.addOpsetImportBuilder().setVersion(opset);
    return model.build();
  }
}
