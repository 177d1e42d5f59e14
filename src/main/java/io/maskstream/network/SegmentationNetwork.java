package io.maskstream.network;

import java.util.List;

/** A whole network: image in, class scores and prototypes out. */
public final class SegmentationNetwork {

  /** Prefix of the names of the backbone's parameters. */
  public static final String BACKBONE = "backbone.";

  /** Pixels of the image per pixel of the scores, along each axis. */
  public static final int STRIDE = 4;

  private final NetworkConfig config;
  private final Backbone backbone;
  private final PyramidDecoder decoder;
  private final SsaHead head;
  private final List<ParameterSpec> parameters;

  public SegmentationNetwork(NetworkConfig config) {
    this.config = config;
    Scope scope = Scope.root();
    this.backbone = new EfficientNetLite(scope.child("backbone"), config.backbone());
    this.decoder =
        new PyramidDecoder(
            scope.child("decoder"), backbone.channels(), config.widths(), config.features());
    this.head = new SsaHead(scope.child("head"), config.classes(), config.features());
    this.parameters = scope.declared();
  }

  /** [B, 3, H, W] as {@link Backbone#forward} takes it, to features [B, D, H / 4, W / 4]. */
  public <T> T features(Ops<T> ops, T image) {
    return decoder.forward(ops, backbone.forward(ops, image));
  }

  public <T> HeadOutput<T> forward(Ops<T> ops, T image, Prior<T> prior) {
    return head.forward(ops, features(ops, image), prior);
  }

  public SsaHead head() {
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
