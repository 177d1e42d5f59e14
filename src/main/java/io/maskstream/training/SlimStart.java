package io.maskstream.training;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;

import io.maskstream.network.Parameters;
import io.maskstream.network.Parameters.Value;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Starts a decoder's slim last stage from the weights of a full one.
 *
 * <p>Inside a residual block the channels stay that carry most: size of what the first convolution
 * gives times the norm of the weights that take it (after Li et al., "Pruning Filters for Efficient
 * ConvNets", ICLR 2017). The 3×3 filter becomes a depthwise one and a 1×1 by the best approximation
 * of rank 1 for each input channel (Guo et al., "Network Decoupling", BMVC 2018).
 */
final class SlimStart {
  private static final String BLOCK = "decoder.block";
  private static final String FIRST = ".first.";
  private static final String FILTER = "decoder.filter0.weight";
  private static final String DEPTHWISE = "decoder.depthwise0.weight";

  private SlimStart() {}

  /**
   * The weights of a full decoder as starting values of a slim one; others as they are.
   *
   * @param slim starting values whose shapes are wanted
   * @param full weights of the same network with a full last stage
   */
  static Parameters of(Parameters slim, Parameters full) {
    Map<String, Value> values = new LinkedHashMap<>(full.values());
    for (String name : slim.values().keySet()) {
      if (name.startsWith(BLOCK) && name.endsWith(FIRST + "weight")) {
        String block = name.substring(0, name.indexOf(FIRST));
        if (values.containsKey(name)) {
          narrow(values, full, block, (int) slim.get(name).shape()[0]);
        }
      }
    }
    if (slim.values().containsKey(DEPTHWISE) && values.containsKey(FILTER)) {
      separate(values, full.get(FILTER));
    }
    return new Parameters(values, full.metadata());
  }

  private static void narrow(Map<String, Value> values, Parameters full, String block, int kept) {
    String second = block + ".second.weight";
    int[] channels = strongest(full, block, second, kept);
    for (String part : new String[] {"weight", "bn.gamma", "bn.beta", "bn.mean", "bn.variance"}) {
      values.computeIfPresent(block + FIRST + part, (name, value) -> rows(value, channels));
    }
    values.computeIfPresent(second, (name, value) -> columns(value, channels));
  }

  private static int[] strongest(Parameters full, String block, String second, int kept) {
    float[] gamma = full.get(block + FIRST + "bn.gamma").data();
    float[] beta = full.get(block + FIRST + "bn.beta").data();
    Value takes = full.get(second);
    int inner = gamma.length;
    int area = takes.data().length / (int) takes.shape()[0] / inner;
    double[] squares = new double[inner];
    for (int i = 0; i < takes.data().length; i++) {
      squares[i / area % inner] += takes.data()[i] * takes.data()[i];
    }
    return IntStream.range(0, inner)
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                c -> -Math.sqrt(squares[c]) * (Math.abs(gamma[c]) + Math.max(0, beta[c]))))
        .limit(kept)
        .sorted()
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Channels of the output. */
  private static Value rows(Value value, int[] channels) {
    int row = value.data().length / (int) value.shape()[0];
    float[] data = new float[channels.length * row];
    for (int i = 0; i < channels.length; i++) {
      System.arraycopy(value.data(), channels[i] * row, data, i * row, row);
    }
    long[] shape = value.shape().clone();
    shape[0] = channels.length;
    return new Value(shape, data);
  }

  /** Channels of the input. */
  private static Value columns(Value value, int[] channels) {
    int outputs = (int) value.shape()[0];
    int inputs = (int) value.shape()[1];
    int area = value.data().length / outputs / inputs;
    float[] data = new float[outputs * channels.length * area];
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < channels.length; i++) {
        System.arraycopy(
            value.data(),
            (o * inputs + channels[i]) * area,
            data,
            (o * channels.length + i) * area,
            area);
      }
    }
    long[] shape = value.shape().clone();
    shape[1] = channels.length;
    return new Value(shape, data);
  }

  private static void separate(Map<String, Value> values, Value filter) {
    int outputs = (int) filter.shape()[0];
    int inputs = (int) filter.shape()[1];
    int side = (int) filter.shape()[2];
    int area = side * side;
    float[] spatial = new float[inputs * area];
    float[] pointwise = new float[outputs * inputs];
    for (int i = 0; i < inputs; i++) {
      try (Mat matrix = new Mat(outputs, area, CV_32F);
          Mat sizes = new Mat();
          Mat left = new Mat();
          Mat right = new Mat();
          FloatIndexer numbers = matrix.createIndexer()) {
        for (int o = 0; o < outputs; o++) {
          numbers.put(
              (long) o,
              0L,
              Arrays.copyOfRange(
                  filter.data(), (o * inputs + i) * area, (o * inputs + i + 1) * area));
        }
        opencv_core.SVDecomp(matrix, sizes, left, right);
        try (FloatIndexer size = sizes.createIndexer();
            FloatIndexer across = left.createIndexer();
            FloatIndexer over = right.createIndexer()) {
          for (int k = 0; k < area; k++) {
            spatial[i * area + k] = over.get(0, k);
          }
          for (int o = 0; o < outputs; o++) {
            pointwise[o * inputs + i] = size.get(0) * across.get(o, 0);
          }
        }
      }
    }
    values.put(DEPTHWISE, new Value(new long[] {inputs, 1, side, side}, spatial));
    values.put(FILTER, new Value(new long[] {outputs, inputs, 1, 1}, pointwise));
  }
}
