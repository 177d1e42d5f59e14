package io.maskstream.network;

import io.maskstream.network.Convolution.Activation;
import io.maskstream.network.Convolution.Size;

/**
 * What a head whose prototypes are not learned has before it on a network that is not trained: two
 * layers of 1×1 convolutions with a batch normalisation between them, as the authors of ProtoSeg
 * put before their prototypes (code of the CVPR 2022 paper, {@code ProjectionHead}); ours is D wide
 * between the layers, theirs as wide as the features.
 */
final class FeatureProjection {
  private final Convolution hidden;
  private final Convolution output;

  /**
   * Declares one.
   *
   * @param depth of the network's features
   * @param features D
   */
  FeatureProjection(Scope scope, int depth, int features) {
    hidden =
        Convolution.normalised(
            scope.child("hidden"), Size.pointwise(depth, features), Activation.RELU);
    output = Convolution.fanIn(scope.child("output"), Size.pointwise(features, features), true);
  }

  /** [B, depth, h, w] to [B, D, h, w]. */
  <T> T forward(Ops<T> ops, T map) {
    return output.forward(ops, hidden.forward(ops, map));
  }
}
