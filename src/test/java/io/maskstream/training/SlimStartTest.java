package io.maskstream.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.maskstream.config.EngineNames;
import io.maskstream.network.NdInputs;
import io.maskstream.network.NdOps;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.Parameters.Value;
import io.maskstream.network.SegmentationNetwork;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlimStartTest {
  private static final NetworkConfig FULL = NetworkConfig.small(3);
  private static final SegmentationNetwork FULL_NETWORK = new SegmentationNetwork(FULL);
  private static final SegmentationNetwork SLIM_NETWORK =
      new SegmentationNetwork(FULL.withSlim(true));

  private static float[] random(int size, Random random) {
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /** A full decoder of which nothing is lost: every second channel is silent, the filter rank 1. */
  private static Parameters lossless() {
    Random random = new Random(1);
    Map<String, Value> values =
        new LinkedHashMap<>(Parameters.initial(FULL_NETWORK.parameters(), 1).values());
    float[] gamma = random(64, random);
    float[] beta = random(64, random);
    for (int c = 0; c < 64; c += 2) {
      gamma[c] = 0;
      beta[c] = -1;
    }
    values.put("decoder.block0.first.bn.gamma", new Value(new long[] {64}, gamma));
    values.put("decoder.block0.first.bn.beta", new Value(new long[] {64}, beta));
    values.put("decoder.block0.second.bn.gamma", new Value(new long[] {64}, random(64, random)));
    float[] across = random(64 * 64, random);
    float[] over = random(64 * 9, random);
    float[] filter = new float[64 * 64 * 9];
    for (int i = 0; i < filter.length; i++) {
      filter[i] = across[i / 9] * over[i % (64 * 9)];
    }
    values.put("decoder.filter0.weight", new Value(new long[] {64, 64, 3, 3}, filter));
    return new Parameters(values, Map.of());
  }

  private static float[] features(SegmentationNetwork network, Parameters parameters) {
    parameters.requireAll(network.parameters());
    try (NDManager manager = Engine.getEngine(EngineNames.PYTORCH).newBaseManager()) {
      Map<String, NDArray> weights = NdInputs.parameters(manager, parameters);
      NDArray image =
          manager.arange(3 * 64 * 64).toType(DataType.FLOAT32, false).reshape(1, 3, 64, 64).sin();
      return network.features(new NdOps(manager, weights, name -> false), image).toFloatArray();
    }
  }

  private static Parameters slim(Parameters full) {
    Parameters drawn = Parameters.initial(SLIM_NETWORK.parameters(), 2);
    return drawn.continuing(SlimStart.of(drawn, full));
  }

  @Test
  void of_channelsThatAreSilentAndAFilterOfRankOne_computesTheSame() {
    Parameters full = lossless();
    float[] expected = features(FULL_NETWORK, full);
    float[] found = features(SLIM_NETWORK, slim(full));
    double largest = 0;
    for (float number : expected) {
      largest = Math.max(largest, Math.abs(number));
    }
    assertThat(largest).isPositive();
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(1e-4 * largest));
    }
  }

  @Test
  void of_otherLayers_areTheSame() {
    Parameters full = lossless();
    Parameters slim = slim(full);
    long same =
        slim.values().entrySet().stream()
            .filter(entry -> full.values().containsKey(entry.getKey()))
            .filter(e -> Arrays.equals(e.getValue().data(), full.get(e.getKey()).data()))
            .count();
    // all but five parameters of the first convolution, the weights of the second and of the filter
    assertThat(same).isEqualTo(full.values().size() - 7);
  }

  @Test
  void slim_lastStage_isAThirdOfTheWork() {
    int full = weights(FULL_NETWORK);
    assertThat(weights(SLIM_NETWORK)).isEqualTo(full - 64 * 64 * 9 * 2 + 64 * 9 + 64 * 64 - 64);
  }

  private static int weights(SegmentationNetwork network) {
    return network.parameters().stream()
        .filter(spec -> spec.trained())
        .mapToInt(s -> s.size())
        .sum();
  }
}
