package io.maskstream.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.network.HeadConfig;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.synthetic.SyntheticStreet;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The exported graph in ONNX Runtime against the network in PyTorch, with random weights. */
class ParityIT {
  private static final int WIDTH = 124;
  private static final int HEIGHT = 90;

  /**
   * Random weights with random statistics, so that folding the normalisation is put to the test.
   */
  private static Parameters parameters(SegmentationNetwork network) {
    Random random = new Random(11);
    Map<String, Parameters.Value> values = new LinkedHashMap<>();
    Parameters.initial(network.parameters(), 11)
        .values()
        .forEach(
            (name, value) -> {
              float[] data = value.data().clone();
              if (name.contains(".bn.")) {
                for (int i = 0; i < data.length; i++) {
                  boolean scale = name.endsWith("gamma") || name.endsWith("variance");
                  data[i] = (scale ? 0.6f : -0.3f) + 0.6f * random.nextFloat();
                }
              }
              if (name.endsWith("fixedBias")) { // starts at zero
                random.ints(data.length, -5, 5).forEach(i -> data[random.nextInt(data.length)] = i);
              }
              values.put(name, new Parameters.Value(value.shape(), data));
            });
    return new Parameters(values, Map.of());
  }

  private static List<Arguments> cases() {
    NetworkConfig small = NetworkConfig.small(11);
    List<NetworkConfig> networks =
        List.of(
            small,
            small.withOffsets(List.of(0.8, 0.4, 0.6, 0.0, 0.0, 0.2, -0.4, -1.0, 0.0, 0.2, 0.8)),
            small.withHead(HeadConfig.plain()),
            small.withHead(HeadConfig.ssa().adapting(false, true)),
            small.withHead(HeadConfig.ssa().adapting(true, false).withOwnTeacher(true)),
            small.withHead(HeadConfig.protoSeg(3)));
    return networks.stream()
        .flatMap(network -> Stream.of(0f, 0.4f, 1f).map(trust -> Arguments.of(network, trust)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void graph_inOnnxRuntime_isTheNetwork(NetworkConfig shape, float trust) throws Exception {
    SegmentationNetwork network = new SegmentationNetwork(shape);
    byte[] image = new SyntheticStreet(5, WIDTH, HEIGHT).at(Duration.ofSeconds(3)).picture().rgb();
    ParityCheck.Report report =
        new ParityCheck(network, parameters(network), HEIGHT, WIDTH).run(image, trust, 3);
    assertThat(report.scoreDifference()).isLessThan(5e-4); // raw logits are some tens
    assertThat(report.prototypeDifference()).isLessThan(1e-4);
    assertThat(report.labelDisagreement()).isLessThan(1e-3);
  }
}
