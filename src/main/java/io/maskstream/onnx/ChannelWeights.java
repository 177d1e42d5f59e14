package io.maskstream.onnx;

import io.maskstream.onnx.format.TensorProto;
import java.nio.ByteBuffer;

/**
 * A layer's weights in integers, with a scale per output channel.
 *
 * @param bytes signed weights in the order of the floats
 * @param scales of the channels
 * @param bias 32-bit integers in the scale of channel and input; empty without
 */
record ChannelWeights(ByteBuffer bytes, float[] scales, ByteBuffer bias) {

  /**
   * Rounds weights.
   *
   * @param axis of the output channels
   * @param limit largest magnitude of an integer
   * @param biases one per channel, or none
   * @param inputScale of the layer's input
   * @param largestBias integer that a bias may reach; a channel whose bias is larger gets a larger
   *     scale
   */
  static ChannelWeights of(
      TensorProto weight, int axis, int limit, float[] biases, float inputScale, double largestBias)
      throws GraphException {
    float[] values = Tensors.floats(weight);
    int channels = (int) weight.getDims(axis);
    int inner = 1;
    for (int i = axis + 1; i < weight.getDimsCount(); i++) {
      inner *= (int) weight.getDims(i);
    }
    float[] scales = new float[channels];
    for (int i = 0; i < values.length; i++) {
      int channel = i / inner % channels;
      scales[channel] = Math.max(scales[channel], Math.abs(values[i]) / limit);
    }
    for (int c = 0; c < channels; c++) {
      double forBias = biases.length == 0 ? 0 : Math.abs(biases[c]) / inputScale / largestBias;
      scales[c] = (float) Math.max(Math.max(scales[c], forBias), Float.MIN_NORMAL);
    }
    ByteBuffer bytes = Tensors.buffer(values.length);
    for (int i = 0; i < values.length; i++) {
      bytes.put((byte) Math.round(values[i] / scales[i / inner % channels]));
    }
    ByteBuffer bias = Tensors.buffer(biases.length * Integer.BYTES);
    for (int c = 0; c < biases.length; c++) {
      bias.putInt((int) Math.round(biases[c] / ((double) scales[c] * inputScale)));
    }
    return new ChannelWeights(bytes, scales, bias);
  }
}
