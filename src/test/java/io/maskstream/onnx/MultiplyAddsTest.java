package io.maskstream.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.network.HeadConfig;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.OperatorSetIdProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MultiplyAddsTest {
  private final GraphBuilder graph = new GraphBuilder("test");
  private final OnnxOps ops = new OnnxOps(graph, new Parameters(Map.of(), Map.of()));

  private OnnxValue picture(long channels, long height, long width) {
    return graph.input("x", DataType.FLOAT, 1, channels, height, width);
  }

  private OnnxValue weight(String name, long... shape) {
    long size = 1;
    for (long length : shape) {
      size *= length;
    }
    return graph.floats(name, new float[(int) size], shape);
  }

  private long count(OnnxValue result) throws IOException {
    graph.output("y", DataType.FLOAT, result);
    OperatorSetIdProto set = OperatorSetIdProto.newBuilder().setVersion(ModelWriter.OPSET).build();
    return MultiplyAdds.of(
        ModelProto.parseFrom(ModelWriter.model(List.of(set), graph, Set.of(), Map.of())));
  }

  private OnnxValue node(
      String type, List<OnnxValue> inputs, List<AttributeProto> attributes, long... shape) {
    return graph.node(type, inputs, attributes, shape);
  }

  @Test
  void convolution_ofStrideTwo_countsItsOutputsTimesTheFilter() throws IOException {
    OnnxValue y =
        node(
            "Conv",
            List.of(picture(3, 8, 6), weight("w", 5, 3, 3, 3)),
            List.of(
                GraphBuilder.attribute("strides", new long[] {2, 2}),
                GraphBuilder.attribute("pads", new long[] {1, 1, 1, 1})),
            1,
            5,
            4,
            3);
    assertThat(count(y)).isEqualTo(5 * 4 * 3 * (3 * 3 * 3));
  }

  @Test
  void convolution_ofGroups_sumsOverTheChannelsOfOneGroup() throws IOException {
    OnnxValue y =
        node(
            "Conv",
            List.of(picture(4, 5, 5), weight("w", 4, 1, 3, 3)),
            List.of(GraphBuilder.attribute("group", 4)),
            1,
            4,
            3,
            3);
    assertThat(count(y)).isEqualTo(4 * 3 * 3 * 9);
  }

  @Test
  void transposedConvolution_countsItsInputsTimesTheFilter() throws IOException {
    OnnxValue y =
        node(
            "ConvTranspose",
            List.of(picture(3, 4, 5), weight("w", 3, 7, 2, 2)),
            List.of(GraphBuilder.attribute("strides", new long[] {2, 2})),
            1,
            7,
            8,
            10);
    assertThat(count(y)).isEqualTo(3 * 4 * 5 * (7 * 2 * 2));
  }

  @Test
  void products_ofMatricesAndGemm_countRowsTimesColumnsTimesDepth() throws IOException {
    OnnxValue a = graph.input("a", DataType.FLOAT, 2, 3, 4);
    OnnxValue product = ops.matmul(a, weight("b", 4, 5)); // [2, 3, 5]
    OnnxValue flat = ops.reshape(product, 6, 5);
    OnnxValue y =
        node(
            "Gemm",
            List.of(flat, weight("c", 6, 7)),
            List.of(GraphBuilder.attribute("transA", 1)),
            5,
            7);
    assertThat(count(y)).isEqualTo(2 * 3 * 5 * 4 + 5 * 7 * 6);
  }

  @Test
  void count_ofElementWiseWorkAndResizing_isZero() throws IOException {
    OnnxValue x = picture(2, 4, 4);
    assertThat(count(ops.resize(ops.softmax(ops.add(x, x), 1), 8, 8))).isZero();
  }

  /** A network with any number of images is counted for one. */
  @Test
  void network_ofOurs_countsOneImage() throws IOException {
    NetworkConfig config = NetworkConfig.small(11);
    SegmentationNetwork plain = new SegmentationNetwork(config.withHead(HeadConfig.plain()));
    SegmentationNetwork proto = new SegmentationNetwork(config.withHead(HeadConfig.protoSeg(5)));
    long pixels = 90L * 120;

    long difference = count(proto) - count(plain);

    // ProtoSeg: similarities with used, fixed and remembered prototypes, and the own prototypes.
    assertThat(difference).isEqualTo(pixels * 64 * (4 * 55 - 11));
  }

  private static long count(SegmentationNetwork network) throws IOException {
    Parameters values = Parameters.initial(network.parameters(), 1);
    return new ModelWriter(network, values).multiplyAdds(360, 480);
  }

  @Test
  void count_ofAFreeSize_isRefused() {
    OnnxValue x = graph.input("x", DataType.FLOAT, -1, 4);
    OnnxValue y = ops.matmul(x, weight("w", 4, 5));
    assertThatThrownBy(() -> count(y))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("the shape of the tensor 'x' is not fixed");
  }

  @Test
  void count_ofAnOperatorThatItDoesNotKnow_isRefused() {
    OnnxValue a = graph.input("a", DataType.FLOAT, 2, 3);
    OnnxValue y =
        node(
            "Einsum",
            List.of(a, weight("b", 3, 4)),
            List.of(GraphBuilder.attribute("equation", "ij,jk->ik")),
            2,
            4);
    assertThatThrownBy(() -> count(y))
        .hasMessage("multiplications of the operator Einsum are not counted");
  }
}
