package io.maskstream.network;

import io.maskstream.network.ParameterSpec.Init;
import java.util.List;

/** A whole network: image in, class logits and prototypes out. */
public final class SegmentationNetwork {

  /** Prefix of the names of the backbone's parameters. */
  public static final String BACKBONE = "backbone.";

  /** Group prototypes of the hierarchy loss, only used in training: [G, D]. */
  public static final String GROUPS = "hierarchy.groups";

  /** Pixels of the image per pixel of the logits, along each axis. */
  public static final int STRIDE = 4;

  private final NetworkConfig config;
  private final Backbone backbone;
  private final PyramidDecoder decoder;
  private final Head head;
  private final SpatialPrior place;
  private final List<ParameterSpec> parameters;

  public SegmentationNetwork(NetworkConfig config) {
    this.config = config;
    Scope scope = Scope.root();
    this.backbone = new EfficientNetLite(scope.child("backbone"), config.backbone());
    this.decoder =
        new PyramidDecoder(
            scope.child("decoder"),
            backbone.channels(),
            config.widths(),
            config.blocks(),
            config.features());
    this.head = config.head().build(scope.child("head"), config.classes(), config.features());
    this.place = new SpatialPrior(config.place(), config.classes(), config.features());
    if (config.groups() > 0) {
      scope.trained(GROUPS, Init.leCun(config.features()), config.groups(), config.features());
    }
    this.parameters = scope.declared();
  }

  /** [B, 3, H, W] as {@link Backbone#forward} takes it, to features [B, D, H / 4, W / 4]. */
  public <T> T features(Ops<T> ops, T image) {
    return decoder.forward(ops, backbone.forward(ops, image));
  }

  /** The whole network. */
  public <T> HeadOutput<T> forward(Ops<T> ops, T image, Prior<T> prior) {
    return classify(ops, features(ops, image), prior);
  }

  /**
   * Head, class offsets and memory of places.
   *
   * @param map features, [B, D, h, w]
   * @param prior all rows of the camera's bank: first the head's, then the places'
   */
  public <T> HeadOutput<T> classify(Ops<T> ops, T map, Prior<T> prior) {
    if (place.rows() == 0) {
      return decide(ops, map, prior);
    }
    long own = head.prototypes();
    HeadOutput<T> output = decide(ops, map, part(ops, prior, 0, own));
    long[] size = ops.shape(map);
    return place.apply(ops, output, part(ops, prior, own, prototypes()), size[2], size[3]);
  }

  /** The head with the class offsets. */
  private <T> HeadOutput<T> decide(Ops<T> ops, T map, Prior<T> prior) {
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

  private static <T> Prior<T> part(Ops<T> ops, Prior<T> prior, long from, long to) {
    return new Prior<>(ops.slice(prior.bank(), 1, from, to), ops.slice(prior.trust(), 1, from, to));
  }

  /** P, all rows of a camera's bank. */
  public int prototypes() {
    return head.prototypes() + place.rows();
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
