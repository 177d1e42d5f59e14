package io.maskstream.network;

import java.util.List;
import java.util.Objects;

/**
 * The shape of a network.
 *
 * @param backbone size of the feature extractor
 * @param classes K
 * @param features D, length of a prototype
 * @param widths channels of the decoder's maps, finest first
 */
public record NetworkConfig(
    EfficientNetLite.Variant backbone, int classes, int features, List<Integer> widths) {

  public NetworkConfig {
    Objects.requireNonNull(backbone);
    widths = List.copyOf(widths);
    if (classes < 2 || classes > 255) {
      throw new IllegalArgumentException("classes must be 2 to 255, is " + classes);
    }
    if (features < 8 || features % 2 != 0) {
      throw new IllegalArgumentException("features must be even and at least 8, is " + features);
    }
  }

  /** Real time on two CPU cores at 480×360. */
  public static NetworkConfig small(int classes) {
    return new NetworkConfig(EfficientNetLite.Variant.LITE0, classes, 64, List.of(64, 96, 96, 96));
  }
}
