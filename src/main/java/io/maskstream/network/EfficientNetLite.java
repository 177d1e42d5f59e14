package io.maskstream.network;

import io.maskstream.network.Convolution.Activation;
import io.maskstream.network.Convolution.Size;
import java.util.ArrayList;
import java.util.List;

/**
 * EfficientNet-Lite, without its classifier.
 *
 * <p>EfficientNet (Tan and Le, ICML 2019) less squeeze-and-excitation and with ReLU6, as Google
 * published it for CPUs in 2020. Layers are named so that ImageNet weights in PyTorch's layout map
 * one to one; see {@code training.ImageNetWeights}.
 */
public final class EfficientNetLite implements Backbone {

  /** A published size. */
  public enum Variant {
    LITE0(1.0, 1.0),
    LITE1(1.0, 1.1),
    LITE2(1.1, 1.2);

    private final double width;
    private final double depth;

    Variant(double width, double depth) {
      this.width = width;
      this.depth = depth;
    }

    /** Channels rounded to a multiple of 8, never below 90 % of the exact number. */
    private int channels(int base) {
      double exact = base * width;
      int rounded = Math.max(8, (int) (exact + 4) / 8 * 8);
      return rounded < 0.9 * exact ? rounded + 8 : rounded;
    }

    private int repeats(int base) {
      return (int) Math.ceil(base * depth);
    }
  }

  private record Stage(int repeats, int kernel, int stride, int expansion, int channels) {}

  /** Table 1 of the EfficientNet paper. */
  private static final List<Stage> STAGES =
      List.of(
          new Stage(1, 3, 1, 1, 16),
          new Stage(2, 3, 2, 6, 24),
          new Stage(2, 5, 2, 6, 40),
          new Stage(3, 3, 2, 6, 80),
          new Stage(3, 5, 1, 6, 112),
          new Stage(4, 5, 2, 6, 192),
          new Stage(1, 3, 1, 6, 320));

  private static final int STEM_CHANNELS = 32;

  /** Stages whose outputs are the pyramid: strides 2, 4, 8, 16, 32. */
  private static final List<Integer> PYRAMID = List.of(0, 1, 2, 4, 6);

  private final Convolution stem;
  private final List<List<InvertedBottleneck>> stages = new ArrayList<>();
  private final List<Integer> channels = new ArrayList<>();

  public EfficientNetLite(Scope scope, Variant variant) {
    this.stem =
        Convolution.normalised(
            scope.child("stem"), Size.square(3, STEM_CHANNELS, 3, 2), Activation.RELU6);
    int in = STEM_CHANNELS;
    int block = 0;
    for (int s = 0; s < STAGES.size(); s++) {
      Stage stage = STAGES.get(s);
      boolean outer = s == 0 || s == STAGES.size() - 1; // Lite keeps first and last stage's depth
      int repeats = outer ? stage.repeats() : variant.repeats(stage.repeats());
      int out = variant.channels(stage.channels());
      List<InvertedBottleneck> blocks = new ArrayList<>();
      for (int r = 0; r < repeats; r++) {
        Scope at = scope.child("blocks").child(Integer.toString(block++));
        int stride = r == 0 ? stage.stride() : 1;
        blocks.add(
            new InvertedBottleneck(
                at, new Size(in, out, stage.kernel(), stride, 1), stage.expansion()));
        in = out;
      }
      stages.add(blocks);
      if (PYRAMID.contains(s)) {
        channels.add(out);
      }
    }
  }

  @Override
  public <T> List<T> forward(Ops<T> ops, T image) {
    List<T> pyramid = new ArrayList<>();
    T x = stem.forward(ops, image);
    for (int s = 0; s < stages.size(); s++) {
      for (InvertedBottleneck block : stages.get(s)) {
        x = block.forward(ops, x);
      }
      if (PYRAMID.contains(s)) {
        pyramid.add(x);
      }
    }
    return pyramid;
  }

  @Override
  public List<Integer> channels() {
    return List.copyOf(channels);
  }
}
