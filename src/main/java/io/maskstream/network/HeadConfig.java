package io.maskstream.network;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Which head a network has.
 *
 * @param kind of head
 * @param prototypesPerClass M, for {@code PROTOSEG}; 1 for the others
 * @param semantic whether {@code SSA} adapts to the semantic centre
 * @param spatial whether {@code SSA} adapts to the spatial centre
 */
public record HeadConfig(Kind kind, int prototypesPerClass, boolean semantic, boolean spatial) {

  /** The heads by name. */
  public enum Kind {
    /** A 1×1 convolution: the baseline. */
    PLAIN,
    /** {@link SsaHead}. */
    SSA,
    /** {@link ProtoSegHead}. */
    PROTOSEG;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static Kind of(String label) {
      return Arrays.stream(values())
          .filter(kind -> kind.label().equals(label))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "head must be one of " + labels() + ", is " + label));
    }

    public static List<String> labels() {
      return Arrays.stream(values()).map(Kind::label).toList();
    }
  }

  public HeadConfig {
    Objects.requireNonNull(kind);
    if (prototypesPerClass < 1 || prototypesPerClass > 100) {
      throw new IllegalArgumentException(
          "prototypesPerClass must be 1 to 100, is " + prototypesPerClass);
    }
    if (kind != Kind.PROTOSEG && prototypesPerClass != 1) {
      throw new IllegalArgumentException(
          "only protoseg has several prototypes a class; the head is " + kind.label());
    }
  }

  public static HeadConfig plain() {
    return new HeadConfig(Kind.PLAIN, 1, true, true);
  }

  public static HeadConfig ssa() {
    return new HeadConfig(Kind.SSA, 1, true, true);
  }

  public static HeadConfig protoSeg(int prototypesPerClass) {
    return new HeadConfig(Kind.PROTOSEG, prototypesPerClass, true, true);
  }

  Head build(Scope scope, int classes, int features) {
    return switch (kind) {
      case PLAIN -> new PlainHead(scope, classes, features);
      case SSA -> new SsaHead(scope, classes, features, semantic, spatial);
      case PROTOSEG -> new ProtoSegHead(scope, classes, prototypesPerClass, features);
    };
  }
}
