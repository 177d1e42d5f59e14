package io.maskstream.network;

import java.util.Arrays;
import java.util.Objects;

/**
 * A declared parameter of a network.
 *
 * @param name unique within the network, dotted path
 * @param init how it starts
 * @param trained whether gradients change it; running statistics are not trained
 * @param shape lengths of the axes
 */
public record ParameterSpec(String name, Init init, boolean trained, long... shape) {

  /** How a parameter starts. */
  public enum Init {
    ZEROS,
    ONES,
    /** Normal with variance 2 / (output channels · kernel area): He et al., ICCV 2015. */
    HE_FAN_OUT,
    /** Normal with variance 1 / (length of the last axis). */
    LECUN,
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
