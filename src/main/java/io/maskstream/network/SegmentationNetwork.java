package io.maskstream.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.maskstream.network.ParameterSpec.Init;
import java.util.List;
import java.util.Optional;

/** A whole network: image in, class logits and prototypes out. */
public final class SegmentationNetwork {

  /** Prefix of the names of the backbone's parameters. */
  public static final String BACKBONE = "backbone.";

  private static final String DECODER = "decoder.";

  /** Parts of the decoder that make the features: residual blocks and the filter behind them. */
  private static final List<String> LAST_STAGE =
      List.of("decoder.block", "decoder.depthwise0.", "decoder.filter0.");

  /** Group prototypes of the hierarchy loss, only used in training: [G, D]. */
  public static final String GROUPS = "hierarchy.groups";

  /** Pixels of the image per pixel of the logits, along each axis. */
  public static final int STRIDE = 4;

  private final NetworkConfig config;
  private final Optional<Trunk> trunk;
  private final Optional<FrozenTrunk> frozen;
  private final Optional<FeatureProjection> projection;
  private final Head head;
  private final List<ParameterSpec> parameters;

  /** A network with a trunk of its own. */
  public SegmentationNetwork(NetworkConfig config) {
    this(config, Optional.empty());
  }

  /**
   * A network.
   *
   * @param frozen gives the features where the configuration says so
   */
  public SegmentationNetwork(NetworkConfig config, Optional<? extends FrozenTrunk> frozen) {
    String found = frozen.map(FrozenTrunk::fingerprint).orElse("");
    if (!found.equals(config.trunk())) {
      throw new IllegalArgumentException(
          config.trunk().isEmpty()
              ? "the network has a trunk of its own; --features is for heads that were trained on it"
              : "the head was trained on features of another network (%s, not %s); name its bundle with --features"
                  .formatted(config.trunk(), found.isEmpty() ? "none" : found));
    }
    this.config = config;
    this.frozen = frozen.map(given -> given);
    Scope scope = Scope.root();
    this.trunk = frozen.isPresent() ? Optional.empty() : Optional.of(Trunk.declare(scope, config));
    this.projection =
        config.projected() == 0
            ? Optional.empty()
            : Optional.of(
                new FeatureProjection(
                    scope.child("projection"), config.projected(), config.features()));
    this.head = config.head().build(scope.child("head"), config.classes(), config.features());
    if (config.groups() > 0) {
      scope.trained(GROUPS, Init.leCun(config.features()), config.groups(), config.features());
    }
    this.parameters = scope.declared();
  }

  /** Backbone and decoder. */
  private record Trunk(Backbone backbone, PyramidDecoder decoder) {
    static Trunk declare(Scope scope, NetworkConfig config) {
      Backbone backbone = new EfficientNetLite(scope.child("backbone"), config.backbone());
      return new Trunk(
          backbone,
          new PyramidDecoder(
              scope.child("decoder"),
              backbone.channels(),
              config.widths(),
              new PyramidDecoder.LastStage(config.blocks(), config.slim(), config.features())));
    }

    <T> T features(Ops<T> ops, T image) {
      return decoder.forward(ops, backbone.forward(ops, image));
    }
  }

  /**
   * What {@link #features} takes of pictures: themselves, [B, 3, H, W], or a frozen trunk's
   * features of them.
   *
   * @param rgb B·H·W·3 bytes
   */
  public NDArray input(NDManager manager, byte[] rgb, int pictures, int height, int width) {
    return frozen
        .map(
            f ->
                manager.create(
                    f.features(rgb, pictures),
                    new Shape(pictures, f.depth(), f.rows(), f.columns())))
        .orElseGet(() -> NdInputs.images(manager, rgb, pictures, height, width));
  }

  /**
   * [B, 3, H, W] as {@link Backbone#forward} takes it, to features [B, D, H / 4, W / 4]; on a
   * frozen trunk, its features as they are or projected.
   */
  public <T> T features(Ops<T> ops, T input) {
    return trunk
        .map(t -> t.features(ops, input))
        .orElseGet(() -> projection.map(p -> p.forward(ops, input)).orElse(input));
  }

  /** The network that gives the features, where it is not trained. */
  public Optional<FrozenTrunk> frozen() {
    return frozen;
  }

  /** The whole network. */
  public <T> HeadOutput<T> forward(Ops<T> ops, T image, Prior<T> prior) {
    return classify(ops, features(ops, image), prior);
  }

  /**
   * The head with the class offsets.
   *
   * @param map features, [B, D, h, w]
   */
  public <T> HeadOutput<T> classify(Ops<T> ops, T map, Prior<T> prior) {
    HeadOutput<T> output = head.forward(ops, map, prior);
    if (config.offsets().isEmpty()) {
      return output;
    }
    float[] offsets = new float[config.classes()];
    for (int k = 0; k < offsets.length; k++) {
      offsets[k] = config.offsets().get(k).floatValue();
    }
    return output.shifted(ops, ops.constant(offsets, offsets.length, 1));
  }

  /** Whether a parameter belongs to the head or to the last stage before it. */
  public static boolean isLastStage(String parameter) {
    return !parameter.startsWith(BACKBONE)
        && (!parameter.startsWith(DECODER) || LAST_STAGE.stream().anyMatch(parameter::startsWith));
  }

  /** P, rows of a camera's bank. */
  public int prototypes() {
    return head.prototypes();
  }

  public Head head() {
    return head;
  }

  public NetworkConfig config() {
    return config;
  }

  /** Everything that must be given a value before a forward pass. */
  public List<ParameterSpec> parameters() {
    return parameters;
  }
}
