package io.maskstream.network;

import io.maskstream.network.Convolution.Activation;
import io.maskstream.network.Convolution.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A top-down pyramid to stride 4 (feature pyramid networks, Lin et al., CVPR 2017), with the
 * image's mean feature added at the coarsest level (ParseNet, Liu et al., 2015).
 *
 * <p>Each step resizes the coarser map, adds the finer level through a 1×1 convolution and filters
 * the sum by a 3×3 convolution. Thin classes live at strides 2 and 4: a strided 3×3 convolution
 * brings the detail of stride 2 into the finest map, and residual blocks there join detail and
 * context.
 *
 * <p>The blocks at stride 4 and the filter behind them are most of the decoder's work. A slim last
 * stage does a third of it: the blocks have half the channels inside, and the filter is a depthwise
 * 3×3 convolution before a 1×1 (Howard et al., MobileNets, 2017).
 */
public final class PyramidDecoder {
  private final Convolution detail;
  private final Convolution context;
  private final List<Convolution> laterals = new ArrayList<>();
  private final List<Convolution> filters = new ArrayList<>();
  private final List<ResidualBlock> blocks = new ArrayList<>();
  private final Optional<Convolution> depthwise;

  /**
   * The last stage, at stride 4.
   *
   * @param blocks residual blocks
   * @param slim half the channels inside the blocks, and a separable filter
   * @param features D, channels of the result
   */
  public record LastStage(int blocks, boolean slim, int features) {}

  /**
   * Declares a decoder.
   *
   * @param channels channels of the backbone's outputs at strides 2, 4, 8, 16, 32
   * @param widths channels of the decoder's maps at strides 4, 8, 16, 32
   */
  public PyramidDecoder(Scope scope, List<Integer> channels, List<Integer> widths, LastStage last) {
    int levels = widths.size();
    if (channels.size() != levels + 1) {
      throw new IllegalArgumentException(
          "the decoder needs a width for every level but stride 2, has %s for channels %s"
              .formatted(widths, channels));
    }
    this.detail =
        Convolution.normalised(
            scope.child("detail"),
            Size.square(channels.get(0), widths.get(0), 3, 2),
            Activation.NONE);
    for (int i = 0; i < levels; i++) {
      laterals.add(
          Convolution.normalised(
              scope.child("lateral" + i),
              Size.pointwise(channels.get(i + 1), widths.get(i)),
              Activation.NONE));
    }
    this.context =
        Convolution.plain( // a 1×1 map has too few values for batch statistics
            scope.child("context"), Size.pointwise(channels.get(levels), widths.get(levels - 1)));
    int finest = widths.get(0);
    for (int i = 0; i < levels - 1; i++) {
      int out = i == 0 ? last.features() : widths.get(i - 1);
      filters.add(
          Convolution.normalised(
              scope.child("filter" + i),
              Size.square(widths.get(i), out, i == 0 && last.slim() ? 1 : 3, 1),
              Activation.NONE)); // the next level begins with a ReLU
    }
    for (int i = 0; i < last.blocks(); i++) {
      blocks.add(
          new ResidualBlock(scope.child("block" + i), finest, last.slim() ? finest / 2 : finest));
    }
    this.depthwise =
        last.slim()
            ? Optional.of(
                Convolution.plain(scope.child("depthwise0"), Size.depthwise(finest, 3, 1)))
            : Optional.empty();
    requireMatchingWidths(widths);
  }

  private static void requireMatchingWidths(List<Integer> widths) {
    int levels = widths.size();
    if (!widths.get(levels - 1).equals(widths.get(levels - 2))) {
      throw new IllegalArgumentException(
          "the two coarsest widths must be equal, they are added: " + widths);
    }
  }

  /** [B, C_i, ...] at strides 2 to 32, finest first, to features [B, D, H / 4, W / 4]. */
  public <T> T forward(Ops<T> ops, List<T> pyramid) {
    int top = laterals.size() - 1;
    T coarsest = pyramid.get(top + 1);
    T mean = ops.mean(ops.mean(coarsest, 2), 3); // [B, C, 1, 1]
    T x = ops.add(laterals.get(top).forward(ops, coarsest), context.forward(ops, mean));
    for (int i = top - 1; i >= 0; i--) {
      T fine = laterals.get(i).forward(ops, pyramid.get(i + 1));
      if (i == 0) {
        fine = ops.add(fine, detail.forward(ops, pyramid.get(0)));
      }
      long[] shape = ops.shape(fine);
      T sum = ops.add(ops.resize(ops.relu(x), shape[2], shape[3]), fine);
      if (i == 0) {
        for (ResidualBlock block : blocks) {
          sum = block.forward(ops, sum);
        }
        if (depthwise.isPresent()) {
          sum = depthwise.get().forward(ops, sum);
        }
      }
      x = filters.get(i).forward(ops, sum);
    }
    return x;
  }
}
