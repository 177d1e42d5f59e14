package io.maskstream.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.synthetic.SyntheticStreet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A small network with random weights, in integers. */
class QuantizationIT {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;

  private static byte[] network() {
    SegmentationNetwork network = new SegmentationNetwork(NetworkConfig.small(11));
    return new ModelWriter(network, Parameters.initial(network.parameters(), 3))
        .write(HEIGHT, WIDTH, Map.of());
  }

  private static List<byte[]> pictures(int from) {
    SyntheticStreet street = new SyntheticStreet(8, WIDTH, HEIGHT);
    List<byte[]> pictures = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      pictures.add(street.at(Duration.ofMillis(900L * (from + i))).picture().rgb());
    }
    return pictures;
  }

  private static Quantization.Result quantized(double least, int limit) throws Exception {
    return Quantization.of(
        network(), pictures(0), pictures(4), new Quantization.Settings(least, limit));
  }

  @Test
  void quantize_writesIntegersThatKeepTheLabels() throws Exception {
    Quantization.Result result = quantized(0.8, 63);
    assertThat(result.agreement()).isBetween(0.8, 1.0);
    assertThat(result.layers()).isGreaterThan(10);
    GraphProto graph = ModelProto.parseFrom(result.graph()).getGraph();
    List<TensorProto> weights =
        graph.getInitializerList().stream()
            .filter(tensor -> tensor.getDataType() == TensorProto.DataType.INT8.getNumber())
            .toList();
    assertThat(weights).hasSize(result.layers());
    for (TensorProto weight : weights) {
      int largest = 0;
      for (byte value : weight.getRawData()) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertThat(largest).as(weight.getName()).isIn(0, 63); // a layer may start as zeros
    }
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("Conv") && node.getInput(1).endsWith("/weight")) {
        assertThat(node.getInput(0)).endsWith("/restored");
      }
    }
  }

  /** A tensor that changes back and forth costs more than the layer between. */
  @Test
  void quantize_joinsTheDecoderWithoutTurningBackToFloats() throws Exception {
    GraphProto graph = ModelProto.parseFrom(quantized(0.8, 63).graph()).getGraph();
    OnnxGraph search = new OnnxGraph(graph);
    List<NodeProto> resizes =
        graph.getNodeList().stream()
            .filter(node -> node.getOpType().equals("Resize"))
            .filter(node -> search.readers(node.getOutput(0)).stream().noneMatch(this::decides))
            .toList();
    assertThat(resizes).hasSize(3);
    assertThat(resizes.subList(1, 3)) // the first also joins the mean of the picture, in floats
        .allMatch(node -> node.getInput(0).endsWith("/restored"))
        .allMatch(
            node -> search.readers(node.getOutput(0)).get(0).getOpType().equals("QuantizeLinear"));
  }

  private boolean decides(NodeProto node) {
    return node.getOpType().equals("ArgMax");
  }

  @Test
  void quantize_takesThePicturesOwnBytes() throws Exception {
    GraphProto graph = ModelProto.parseFrom(quantized(0.8, 63).graph()).getGraph();
    OnnxGraph search = new OnnxGraph(graph);
    List<NodeProto> readers = search.readers(ContractTensors.IMAGE);
    assertThat(readers).extracting(NodeProto::getOpType).containsExactly("Transpose");
    NodeProto restored = search.readers(readers.get(0).getOutput(0)).get(0);
    assertThat(restored.getOpType()).isEqualTo("DequantizeLinear");
    assertThat(Tensors.floats(search.constant(restored.getInput(1)).orElseThrow()))
        .containsExactly(1 / 128f);
    assertThat(search.constant(restored.getInput(2)).orElseThrow().getRawData().byteAt(0))
        .isEqualTo((byte) 127);
  }

  @Test
  void quantize_whereLabelsMustStay_leavesLayersInFloats() throws Exception {
    double all = quantized(0.5, 7).agreement(); // coarse on purpose
    double wanted = all + (1 - all) / 2;
    Quantization.Result result = quantized(wanted, 7);
    assertThat(result.floatLayers()).isNotEmpty();
    assertThat(result.agreement()).isGreaterThanOrEqualTo(wanted);
    assertThat(result.layers()).isPositive();
  }

  @Test
  void weights_ofAChannelWithALargeBias_getALargerScale() throws Exception {
    TensorProto weight = Tensors.ofFloats("w", new float[] {1, -2, 1e-9f, 0}, 2, 2);
    ChannelWeights weights =
        ChannelWeights.of(weight, 0, 100, new float[] {3, 1000}, 0.5f, 1e6, new float[0]);
    assertThat(weights.scales()[0]).isEqualTo(0.02f);
    assertThat(weights.scales()[1]).isEqualTo(0.002f); // 1000 / 0.5 / 1e6
    assertThat(weights.bytes().array()).containsExactly(50, -100, 0, 0);
    assertThat(weights.bias().getInt(0)).isEqualTo(300);
    assertThat(weights.bias().getInt(4)).isEqualTo(1_000_000);
  }

  @Test
  void biases_takeOffWhatRoundingAddsOnAverage() throws Exception {
    float[] values = {1, 0.004f, 0.006f, 1, 1, -0.004f, 0.5f, 1}; // two groups of two by two
    TensorProto weight = Tensors.ofFloats("w", values, 4, 2, 1, 1);
    float[] means = {5, 7, 11, 13};
    ChannelWeights weights =
        ChannelWeights.of(weight, 0, 100, new float[] {1, 2, 3, 4}, 1e-6f, 1e30, means);
    for (int output = 0; output < 4; output++) {
      double exact = output + 1;
      double rounded = weights.bias().getInt(4 * output) * weights.scales()[output] * 1e-6;
      for (int input = 0; input < 2; input++) {
        int at = 2 * output + input;
        float mean = means[output / 2 * 2 + input];
        exact += values[at] * mean;
        rounded += weights.bytes().get(at) * weights.scales()[output] * mean;
      }
      assertThat(rounded).as("mean of output %d", output).isCloseTo(exact, within(1e-5));
    }
  }

  @Test
  void settings_outOfRange_areRefused() {
    assertThatThrownBy(() -> new Quantization.Settings(1.5, 63)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> new Quantization.Settings(0.9, 128)).hasMessageContaining("128");
  }
}
