package io.maskstream.network;

import io.maskstream.network.Convolution.Activation;
import io.maskstream.network.Convolution.Size;
import org.jspecify.annotations.Nullable;

/** MobileNetV2's block: widen by 1×1, filter each channel, narrow by 1×1, add the input. */
final class InvertedBottleneck {
  private final @Nullable Convolution expand;
  private final Convolution depthwise;
  private final Convolution project;
  private final boolean residual;

  InvertedBottleneck(Scope scope, Size size, int expansion) {
    int wide = size.in() * expansion;
    this.expand =
        expansion == 1
            ? null
            : Convolution.normalised(
                scope.child("expand"), Size.pointwise(size.in(), wide), Activation.RELU6);
    this.depthwise =
        Convolution.normalised(
            scope.child("depthwise"),
            Size.depthwise(wide, size.kernel(), size.stride()),
            Activation.RELU6);
    this.project =
        Convolution.normalised(
            scope.child("project"), Size.pointwise(wide, size.out()), Activation.NONE);
    this.residual = size.stride() == 1 && size.in() == size.out();
  }

  <T> T forward(Ops<T> ops, T x) {
    T wide = expand == null ? x : expand.forward(ops, x);
    T out = project.forward(ops, depthwise.forward(ops, wide));
    return residual ? ops.add(out, x) : out;
  }
}
