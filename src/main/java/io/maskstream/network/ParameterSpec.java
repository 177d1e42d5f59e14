package io.maskstream.network;

import java.util.Arrays;
import java.util.Objects;
import java.util.Random;

/**
 * A declared parameter of a network.
 *
 * @param name unique within the network, dotted path
 * @param init how it starts
 * @param trained whether gradients change it; running statistics are not trained
 * @param shape lengths of the axes
 */
public record ParameterSpec(String name, Init init, boolean trained, long... shape) {

  /** How a parameter starts: what its numbers are drawn from. */
  public sealed interface Init {

    Init ZEROS = new Constant(0f);
    Init ONES = new Constant(1f);

    /** The same number everywhere. */
    record Constant(float value) implements Init {
      @Override
      public void fill(float[] data, Random random) {
        Arrays.fill(data, value);
      }
    }

    /** Normal around 0. */
    record Normal(double deviation) implements Init {
      @Override
      public void fill(float[] data, Random random) {
        for (int i = 0; i < data.length; i++) {
          data[i] = (float) (deviation * random.nextGaussian());
        }
      }
    }

    /** Uniform from -bound to bound. */
    record Uniform(double bound) implements Init {
      @Override
      public void fill(float[] data, Random random) {
        for (int i = 0; i < data.length; i++) {
          data[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
      }
    }

    /** Normal with variance 2 / (output channels · kernel area): He et al., ICCV 2015. */
    static Init heFanOut(int outputs, int kernelArea) {
      return new Normal(Math.sqrt(2.0 / outputs / kernelArea));
    }

    /** Normal with variance 1 / inputs: LeCun et al., 1998. */
    static Init leCun(int inputs) {
      return new Normal(Math.sqrt(1.0 / inputs));
    }

    /**
     * Uniform within 1 / √inputs, which is how PyTorch starts the weights and biases of linear and
     * convolutional layers.
     *
     * @param inputs fan-in: numbers that one output is summed from
     */
    static Init fanIn(int inputs) {
      return new Uniform(1 / Math.sqrt(inputs));
    }

    /** Draws the numbers. */
    void fill(float[] data, Random random);
  }

  public ParameterSpec {
    Objects.requireNonNull(name);
    Objects.requireNonNull(init);
    shape = shape.clone();
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public int size() {
    return Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
  }
}
