package io.maskstream.network;

import io.maskstream.config.Labels;
import io.maskstream.network.ParameterSpec.Init;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Objects;

/**
 * Which head a network has.
 *
 * @param kind of head
 * @param prototypesPerClass M, for {@code PROTOSEG}; 1 for the others
 * @param semantic whether {@code SSA} adapts to the semantic centre
 * @param spatial whether {@code SSA} adapts to the spatial centre
 * @param biased whether {@code SSA}'s coarse classifier and its position features have biases, as
 *     in the authors' code; weights written before that have none
 * @param ownTeacher whether {@code SSA}'s teacher branch adapts with perceptrons and a projection
 *     of its own, as in the authors' code; otherwise it shares those of the branch that serves
 */
@RecordBuilder
public record HeadConfig(
    Kind kind,
    int prototypesPerClass,
    boolean semantic,
    boolean spatial,
    boolean biased,
    boolean ownTeacher)
    implements HeadConfigBuilder.With {

  /** How a 1×1 classifier starts in the segmentation code that the papers build on. */
  static final Init CLASSIFIER = new Init.Normal(0.01);

  /** The heads by name. */
  public enum Kind {
    /** A 1×1 convolution: the baseline. */
    PLAIN,
    /** {@link SsaHead}. */
    SSA,
    /** {@link ProtoSegHead}. */
    PROTOSEG;

    public String label() {
      return Labels.of(this);
    }

    public static Kind of(String label) {
      return Labels.parse(Kind.class, "head", label);
    }

    public static List<String> labels() {
      return Labels.of(Kind.class);
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
          "only protoseg has several prototypes per class; the head is " + kind.label());
    }
  }

  /** A head of a kind with all its parts, the teacher's shared. */
  public static HeadConfig of(Kind kind, int prototypesPerClass) {
    return new HeadConfig(kind, prototypesPerClass, true, true, true, false);
  }

  /** The same with only some of SSA-Seg's adaptations. */
  public HeadConfig adapting(boolean toSemantic, boolean toSpatial) {
    return withSemantic(toSemantic).withSpatial(toSpatial);
  }

  public static HeadConfig plain() {
    return of(Kind.PLAIN, 1);
  }

  public static HeadConfig ssa() {
    return of(Kind.SSA, 1);
  }

  public static HeadConfig protoSeg(int prototypesPerClass) {
    return of(Kind.PROTOSEG, prototypesPerClass);
  }

  Head build(Scope scope, int classes, int features) {
    return switch (kind) {
      case PLAIN -> new PlainHead(scope, classes, features);
      case SSA -> new SsaHead(scope, classes, features, this);
      case PROTOSEG -> new ProtoSegHead(scope, classes, prototypesPerClass, features);
    };
  }
}
