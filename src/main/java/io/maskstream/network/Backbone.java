package io.maskstream.network;

import java.util.List;

/** An image feature extractor with a pyramid of outputs. */
public interface Backbone {

  /** Centre and scale of pixel values, as EfficientNet-Lite was trained: (value - 127) / 128. */
  float PIXEL_MEAN = 127f;

  float PIXEL_SCALE = 128f;

  /**
   * Extracts features.
   *
   * @param image [B, 3, H, W], RGB, (value - 127) / 128
   * @return features at strides 4, 8, 16 and 32: [B, C_i, H / stride, W / stride]
   */
  <T> List<T> forward(Ops<T> ops, T image);

  /** Channels of the outputs, in order. */
  List<Integer> channels();
}
