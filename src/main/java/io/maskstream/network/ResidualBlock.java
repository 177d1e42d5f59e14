package io.maskstream.network;

import io.maskstream.network.Convolution.Activation;
import io.maskstream.network.Convolution.Size;

/**
 * x + f(relu(x)), f two 3×3 convolutions (He et al., "Identity Mappings in Deep Residual Networks",
 * ECCV 2016).
 *
 * <p>The last normalisation starts with scale 0 (Goyal et al., 2017), so that a new block changes
 * nothing and may be put into a trained network.
 */
final class ResidualBlock {
  private final Convolution first;
  private final Convolution second;

  /**
   * Declares a block.
   *
   * @param channels of its input and its output
   * @param inner channels between the two convolutions
   */
  ResidualBlock(Scope scope, int channels, int inner) {
    this.first =
        Convolution.normalised(
            scope.child("first"), Size.square(channels, inner, 3, 1), Activation.RELU);
    this.second =
        Convolution.zeroInitialized(scope.child("second"), Size.square(inner, channels, 3, 1));
  }

  <T> T forward(Ops<T> ops, T x) {
    return ops.add(x, second.forward(ops, first.forward(ops, ops.relu(x))));
  }
}
