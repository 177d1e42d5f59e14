package io.maskstream.network;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The shape of a network.
 *
 * @param backbone size of the feature extractor
 * @param classes K
 * @param features D, length of a prototype
 * @param widths channels of the decoder's maps at strides 4, 8, 16, 32
 * @param blocks residual blocks at stride 4
 * @param slim whether the last stage, blocks and the filter behind them, is the cheap one; see
 *     {@link PyramidDecoder}
 * @param head how features are classified
 * @param offsets added to the class logits after training, K or none; see {@code
 *     training.LogitAdjustment}
 * @param groups groups of the classes for the hierarchy loss, 0 for none
 * @param trunk fingerprint of the frozen network that gives the features in place of backbone and
 *     decoder; empty where the network has its own
 * @param projected depth of the frozen network's features where a trained projection to D comes
 *     before the head, else 0
 */
@RecordBuilder
public record NetworkConfig(
    EfficientNetLite.Variant backbone,
    int classes,
    int features,
    List<Integer> widths,
    int blocks,
    boolean slim,
    HeadConfig head,
    List<Double> offsets,
    int groups,
    String trunk,
    int projected)
    implements NetworkConfigBuilder.With {

  public NetworkConfig {
    Objects.requireNonNull(backbone);
    Objects.requireNonNull(head);
    widths = List.copyOf(widths);
    offsets = List.copyOf(offsets);
    if (!offsets.isEmpty() && offsets.size() != classes) {
      throw new IllegalArgumentException(
          "%d classes need as many offsets or none, there are %s".formatted(classes, offsets));
    }
    if (classes < 2 || classes > 255) {
      throw new IllegalArgumentException("classes must be 2 to 255, is " + classes);
    }
    if (features < 8 || features % 2 != 0) {
      throw new IllegalArgumentException("features must be even and at least 8, is " + features);
    }
  }

  /** Real time on two CPU cores at 480×360. */
  public static NetworkConfig small(int classes) {
    return new NetworkConfig(
        EfficientNetLite.Variant.LITE0,
        classes,
        64,
        List.of(64, 96, 96, 96),
        1,
        false,
        HeadConfig.ssa(),
        List.of(),
        0,
        "",
        0);
  }

  /** For a GPU. */
  public static NetworkConfig base(int classes) {
    return new NetworkConfig(
        EfficientNetLite.Variant.LITE2,
        classes,
        96,
        List.of(96, 128, 160, 160),
        2,
        false,
        HeadConfig.ssa(),
        List.of(),
        0,
        "",
        0);
  }

  /** A head alone, on the features of a network that is not trained as they are. */
  public static NetworkConfig onFrozen(FrozenTrunk trunk, int classes) {
    return small(classes).withFeatures(trunk.depth()).withTrunk(trunk.fingerprint());
  }

  /** A projection and a head, on the features of a network that is not trained. */
  public static NetworkConfig projected(FrozenTrunk trunk, int classes) {
    return small(classes).withTrunk(trunk.fingerprint()).withProjected(trunk.depth());
  }

  /** {@code small} or {@code base}. */
  public static NetworkConfig named(String size, int classes) {
    return switch (size) {
      case "small" -> small(classes);
      case "base" -> base(classes);
      default -> throw new IllegalArgumentException("backbone must be small or base, is " + size);
    };
  }

  /** What a weights file says of the network that its weights fit. */
  public Map<String, String> describe() {
    Map<String, String> text = new TreeMap<>();
    text.put("backbone", backbone.name());
    text.put("classes", Integer.toString(classes));
    text.put("features", Integer.toString(features));
    text.put("widths", joined(widths));
    text.put("blocks", Integer.toString(blocks));
    text.put("slim", Boolean.toString(slim));
    text.put("head", head.kind().label());
    text.put("prototypesPerClass", Integer.toString(head.prototypesPerClass()));
    text.put("semantic", Boolean.toString(head.semantic()));
    text.put("spatial", Boolean.toString(head.spatial()));
    text.put("biased", Boolean.toString(head.biased()));
    text.put("ownTeacher", Boolean.toString(head.ownTeacher()));
    text.put("offsets", joined(offsets));
    text.put("groups", Integer.toString(groups));
    text.put("trunk", trunk);
    text.put("projected", Integer.toString(projected));
    return text;
  }

  private static String joined(List<?> values) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /**
   * Reads {@link #describe} back; what is missing is as in the first files, which had no residual
   * blocks and no biases in the head.
   */
  public static NetworkConfig described(Map<String, String> description, int classes) {
    NetworkConfig small = small(classes);
    String widths = description.getOrDefault("widths", "64,96,96,96");
    return new NetworkConfig(
        EfficientNetLite.Variant.valueOf(
            description.getOrDefault("backbone", small.backbone().name()).toUpperCase(Locale.ROOT)),
        Integer.parseInt(description.getOrDefault("classes", Integer.toString(classes))),
        Integer.parseInt(description.getOrDefault("features", "64")),
        Arrays.stream(widths.split(",")).map(Integer::valueOf).toList(),
        Integer.parseInt(description.getOrDefault("blocks", "0")),
        Boolean.parseBoolean(description.getOrDefault("slim", "false")),
        new HeadConfig(
            HeadConfig.Kind.of(description.getOrDefault("head", "ssa")),
            Integer.parseInt(description.getOrDefault("prototypesPerClass", "1")),
            Boolean.parseBoolean(description.getOrDefault("semantic", "true")),
            Boolean.parseBoolean(description.getOrDefault("spatial", "true")),
            Boolean.parseBoolean(description.getOrDefault("biased", "false")),
            Boolean.parseBoolean(description.getOrDefault("ownTeacher", "false"))),
        Arrays.stream(description.getOrDefault("offsets", "").split(","))
            .filter(number -> !number.isEmpty())
            .map(Double::valueOf)
            .toList(),
        Integer.parseInt(description.getOrDefault("groups", "0")),
        description.getOrDefault("trunk", ""),
        Integer.parseInt(description.getOrDefault("projected", "0")));
  }
}
