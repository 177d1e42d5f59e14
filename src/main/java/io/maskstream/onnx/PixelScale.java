package io.maskstream.onnx;

import java.util.Arrays;

/**
 * How a network takes its pixels: a value v of 0 to 255 becomes v · factor + offset, per channel.
 *
 * @param mean of each channel, R, G, B, in units of 0 to 1, or of 0 to 255 where a mean or
 *     deviation exceeds 1
 * @param std deviation of each channel, in the same unit
 * @param bgr whether the network takes blue first
 */
public record PixelScale(double[] mean, double[] std, boolean bgr) {

  private static final int CHANNELS = 3;
  private static final double LARGEST = 255;

  public PixelScale {
    mean = mean.clone();
    std = std.clone();
    if (mean.length != CHANNELS || std.length != CHANNELS) {
      throw new IllegalArgumentException(
          "mean and std must have 3 numbers each, have %d and %d"
              .formatted(mean.length, std.length));
    }
    if (!Arrays.stream(mean).allMatch(Double::isFinite)) {
      throw new IllegalArgumentException("mean must be finite, is " + Arrays.toString(mean));
    }
    if (!Arrays.stream(std).allMatch(value -> value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          "std must be positive and finite, is " + Arrays.toString(std));
    }
  }

  /** ImageNet's mean and deviation, which most networks keep from their backbone's training. */
  public static PixelScale imageNet() {
    return new PixelScale(
        new double[] {0.485, 0.456, 0.406}, new double[] {0.229, 0.224, 0.225}, false);
  }

  private double unit() {
    boolean bytes =
        Arrays.stream(mean).anyMatch(v -> v > 1) || Arrays.stream(std).anyMatch(v -> v > 1);
    return bytes ? 1 : LARGEST;
  }

  /** Factors in the network's order of channels. */
  float[] factors() {
    return ordered(c -> 1 / (unit() * std[c]));
  }

  /** Offsets in the network's order of channels. */
  float[] offsets() {
    return ordered(c -> -mean[c] / std[c]);
  }

  /** Channel of an RGB picture that the network takes at a place. */
  int channel(int place) {
    return bgr ? CHANNELS - 1 - place : place;
  }

  private float[] ordered(java.util.function.IntToDoubleFunction value) {
    float[] result = new float[CHANNELS];
    for (int i = 0; i < CHANNELS; i++) {
      result[i] = (float) value.applyAsDouble(channel(i));
    }
    return result;
  }
}
