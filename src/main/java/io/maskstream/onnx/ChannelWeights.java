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
   * @param inputMeans per channel of what a convolution reads, or none: the mean of what rounding
   *     adds to a channel is taken off its bias (Nagel et al., ICCV 2019, section 4.2)
   */
  static ChannelWeights of(
      TensorProto weight,
      int axis,
      int limit,
      float[] biases,
      float inputScale,
      double largestBias,
      float[] inputMeans)
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
    float[] shifts = shifts(weight, values, bytes, scales, inputMeans);
    ByteBuffer bias = Tensors.buffer(biases.length * Integer.BYTES);
    for (int c = 0; c < biases.length; c++) {
      bias.putInt((int) Math.round((biases[c] - shifts[c]) / ((double) scales[c] * inputScale)));
    }
    return new ChannelWeights(bytes, scales, bias);
  }

  /** What rounding adds to each output channel of a convolution, by the mean of what it reads. */
  private static float[] shifts(
      TensorProto weight, float[] values, ByteBuffer bytes, float[] scales, float[] inputMeans) {
    float[] shifts = new float[scales.length];
    if (inputMeans.length == 0) {
      return shifts;
    }
    int inputs = (int) weight.getDims(1); // of a group
    int outputs = scales.length * inputs / inputMeans.length; // of a group
    int kernel = values.length / scales.length / inputs;
    for (int i = 0; i < values.length; i++) {
      int output = i / kernel / inputs;
      int input = output / outputs * inputs + i / kernel % inputs;
      shifts[output] += (bytes.get(i) * scales[output] - values[i]) * inputMeans[input];
    }
    return shifts;
  }
}
