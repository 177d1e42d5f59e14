package io.maskstream.onnx;

import io.maskstream.network.Convolution;
import io.maskstream.network.Parameters;

/**
 * A convolution's weights with its batch normalisation multiplied in.
 *
 * @param weight in the layer's own shape
 * @param bias one a channel; empty for a layer with neither bias nor normalisation
 */
record FoldedWeights(float[] weight, float[] bias) {

  static FoldedWeights of(Convolution layer, Parameters parameters) {
    float[] weight = parameters.get(layer.weight()).data();
    Convolution.BatchNorm norm = layer.batchNorm();
    if (norm == null) {
      String bias = layer.bias();
      return new FoldedWeights(weight, bias == null ? new float[0] : parameters.get(bias).data());
    }
    float[] gamma = parameters.get(norm.gamma()).data();
    float[] beta = parameters.get(norm.beta()).data();
    float[] mean = parameters.get(norm.mean()).data();
    float[] variance = parameters.get(norm.variance()).data();
    float[] folded = new float[weight.length];
    float[] bias = new float[gamma.length];
    int row = weight.length / gamma.length;
    for (int c = 0; c < gamma.length; c++) {
      double scale = gamma[c] / Math.sqrt(variance[c] + Convolution.BatchNorm.EPSILON);
      for (int i = c * row; i < (c + 1) * row; i++) {
        folded[i] = (float) (weight[i] * scale);
      }
      bias[c] = (float) (beta[c] - mean[c] * scale);
    }
    return new FoldedWeights(folded, bias);
  }
}
