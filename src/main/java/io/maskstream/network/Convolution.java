package io.maskstream.network;

import io.maskstream.network.ParameterSpec.Init;
import org.jspecify.annotations.Nullable;

/**
 * A two-dimensional convolution with optional batch normalisation and activation.
 *
 * <p>Padding is TensorFlow's SAME, as the ImageNet weights were trained with: the output has
 * ceil(input / stride) pixels, and an odd pixel of padding goes to the bottom and the right.
 */
public final class Convolution {

  /** What follows the sum. */
  public enum Activation {
    NONE,
    RELU,
    /** min(max(x, 0), 6), as in EfficientNet-Lite. */
    RELU6,
  }

  /** Names of the parameters of a batch normalisation. */
  public record BatchNorm(String gamma, String beta, String mean, String variance) {
    /** Added to the variance; EfficientNet's value. */
    public static final float EPSILON = 1e-3f;
  }

  /** Size of a convolution: channels in and out, kernel side, stride, channel groups. */
  public record Size(int in, int out, int kernel, int stride, int groups) {
    public static Size pointwise(int in, int out) {
      return new Size(in, out, 1, 1, 1);
    }

    public static Size square(int in, int out, int kernel, int stride) {
      return new Size(in, out, kernel, stride, 1);
    }

    public static Size depthwise(int channels, int kernel, int stride) {
      return new Size(channels, channels, kernel, stride, channels);
    }
  }

  private final Size size;
  private final String weight;
  private final @Nullable BatchNorm batchNorm;
  private final Activation activation;
  private final @Nullable String bias;

  private Convolution(
      Size size,
      String weight,
      @Nullable String bias,
      @Nullable BatchNorm batchNorm,
      Activation activation) {
    this.size = size;
    this.weight = weight;
    this.bias = bias;
    this.batchNorm = batchNorm;
    this.activation = activation;
  }

  private static String weight(Scope scope, Size size, Init init) {
    return scope.trained(
        "weight", init, size.out(), size.in() / size.groups(), size.kernel(), size.kernel());
  }

  private static String weight(Scope scope, Size size) {
    int area = size.kernel() * size.kernel();
    return weight(scope, size, Init.heFanOut(size.out() / size.groups(), area));
  }

  private static BatchNorm batchNorm(Scope scope, Init scale, int channels) {
    return new BatchNorm(
        scope.trained("gamma", scale, channels),
        scope.trained("beta", Init.ZEROS, channels),
        scope.statistic("mean", Init.ZEROS, channels),
        scope.statistic("variance", Init.ONES, channels));
  }

  /** Convolution, batch normalisation, activation. */
  public static Convolution normalised(Scope scope, Size size, Activation activation) {
    String weight = weight(scope, size);
    BatchNorm norm = batchNorm(scope.child("bn"), Init.ONES, size.out());
    return new Convolution(size, weight, null, norm, activation);
  }

  /** Convolution and batch normalisation that give 0 until trained. */
  public static Convolution zeroInitialized(Scope scope, Size size) {
    String weight = weight(scope, size);
    BatchNorm norm = batchNorm(scope.child("bn"), Init.ZEROS, size.out());
    return new Convolution(size, weight, null, norm, Activation.NONE);
  }

  /** Convolution alone, without bias. */
  public static Convolution plain(Scope scope, Size size) {
    return new Convolution(size, weight(scope, size), null, null, Activation.NONE);
  }

  /** Convolution alone, started as PyTorch does: weight and bias by {@link Init#fanIn}. */
  public static Convolution fanIn(Scope scope, Size size, boolean biased) {
    Init init = Init.fanIn(size.in() / size.groups() * size.kernel() * size.kernel());
    String weight = weight(scope, size, init);
    String bias = biased ? scope.trained("bias", init, size.out()) : null;
    return new Convolution(size, weight, bias, null, Activation.NONE);
  }

  public <T> T forward(Ops<T> ops, T x) {
    return ops.convolution(x, this);
  }

  public Size size() {
    return size;
  }

  /** Name of the weight: [out, in / groups, kernel, kernel]. */
  public String weight() {
    return weight;
  }

  /** Name of the bias, one number a channel: [out], or null. */
  public @Nullable String bias() {
    return bias;
  }

  /** The batch normalisation, or null. */
  public @Nullable BatchNorm batchNorm() {
    return batchNorm;
  }

  public Activation activation() {
    return activation;
  }

  /** Padding before and after, in pixels, for an axis of the given length. */
  public int[] padding(long length) {
    long outputs = (length + size.stride() - 1) / size.stride();
    int total = (int) Math.max((outputs - 1) * size.stride() + size.kernel() - length, 0L);
    return new int[] {total / 2, total - total / 2};
  }
}
