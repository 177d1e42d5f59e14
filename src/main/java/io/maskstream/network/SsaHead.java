package io.maskstream.network;

import io.maskstream.network.Convolution.Size;
import io.maskstream.network.ParameterSpec.Init;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * SSA-Seg: class prototypes adapted to the semantic and the spatial centre of each image.
 *
 * <p>Ma et al., "SSA-Seg: Semantic and Spatial Adaptive Pixel-level Classifier for Semantic
 * Segmentation", NeurIPS 2024. Coarse logits C = S·F say roughly which pixels belong to a class;
 * the class's centre among the features (semantic) and among the position features (spatial) move
 * the fixed prototype to where the class lies in this image: A = φs([Z; S]), B = φp([E; R]), W = (A
 * + B)·Ψ, and the final logits are τ·cos(F + Q, W).
 *
 * <p>Ours: a camera's earlier prototypes (the {@link Prior}) enter twice, weighted by trust. They
 * join the coarse logits, so that they help to decide which pixels shape the new centres, and they
 * join the prototypes that classify. With trust 0 the result is bit-identical to the paper's. The
 * prototypes are scaled to unit length, which cosine logits do not see, so that banks can be
 * averaged.
 */
public final class SsaHead implements Head {

  /** τ: cosine logits times this are the logits (the paper's value). */
  public static final float TEMPERATURE = 15f;

  /** Keeps a class without pixels from dividing by zero, in pixels. */
  private static final float NO_PIXELS = 1e-6f;

  private final int classes;
  private final int features;
  private final boolean adaptsSemantic;
  private final boolean adaptsSpatial;
  private final String fixed;
  private final @Nullable String fixedBias;
  private final String position;
  private final Convolution positional;
  private final Adapter student;
  private final Adapter teacher;

  /** φs, φp and Ψ: what makes prototypes of centres. */
  private record Adapter(PairPerceptron semantic, PairPerceptron spatial, String projection) {
    static Adapter declare(Scope scope, int features) {
      return new Adapter(
          new PairPerceptron(scope.child("semantic"), features),
          new PairPerceptron(scope.child("spatial"), features),
          scope.trained("projection", Init.fanIn(features), features, features));
    }
  }

  /** Declares the whole head; see the other constructor. */
  public SsaHead(Scope scope, int classes, int features) {
    this(scope, classes, features, HeadConfig.ssa());
  }

  /**
   * Declares a head. All parameters start as in the authors' code.
   *
   * @param classes K
   * @param features D
   * @param config without {@code semantic}, A is the fixed prototype S; without {@code spatial}, B
   *     and Q are zero
   */
  public SsaHead(Scope scope, int classes, int features, HeadConfig config) {
    this.classes = classes;
    this.features = features;
    this.adaptsSemantic = config.semantic();
    this.adaptsSpatial = config.spatial();
    this.fixed = scope.trained("fixed", HeadConfig.CLASSIFIER, classes, features);
    this.fixedBias = config.biased() ? scope.trained("fixedBias", Init.ZEROS, classes, 1) : null;
    this.position = scope.trained("position", new Init.Normal(1), classes, features);
    this.positional =
        Convolution.fanIn(
            scope.child("positional"), Size.depthwise(features, 3, 1), config.biased());
    this.student = Adapter.declare(scope, features);
    this.teacher =
        config.ownTeacher() ? Adapter.declare(scope.child("teacher"), features) : student;
  }

  @Override
  public int prototypes() {
    return classes;
  }

  /**
   * Features as matrices.
   *
   * @param semantic F of the paper: [B, D, N]
   * @param positional Q: [B, D, N]
   * @param sum F + Q: [B, D, N]
   * @param scale τ / |F + Q|: [B, 1, N]
   */
  private record Pixels<T>(T semantic, T positional, T sum, T scale) {

    /** Means weighted by shares that sum to 1 along the pixels: [B, K, N] each. */
    Centres<T> centres(Ops<T> ops, T shares, T spatialShares) {
      return new Centres<>(
          ops.matmul(shares, ops.transpose(semantic, 0, 2, 1)),
          ops.matmul(spatialShares, ops.transpose(positional, 0, 2, 1)));
    }
  }

  /** Where the classes lie among the features, Z, and the position features, R: [B, K, D] each. */
  private record Centres<T>(T semantic, T spatial) {}

  /** Adapted prototypes: A, B and the unit-length W. */
  private record Adapted<T>(T semantic, T spatial, T prototypes) {}

  @Override
  public <T> HeadOutput<T> forward(Ops<T> ops, T map, Prior<T> prior) {
    Pixels<T> pixels = pixels(ops, map);
    T trust = ops.reshape(prior.trust(), -1, classes, 1); // [B, K, 1]
    T coarse = coarse(ops, pixels); // [B, K, N]
    T remembered = cosine(ops, prior.bank(), pixels); // [B, K, N]
    T mixed = mix(ops, coarse, remembered, trust);
    T memberships = ops.softmax(mixed, 1); // [B, K, N]
    T mass = ops.sum(memberships, 2); // [B, K, 1]
    T shares = ops.divide(memberships, ops.add(mass, ops.constant(NO_PIXELS)));
    Adapted<T> adapted = adapt(ops, student, pixels.centres(ops, shares, ops.softmax(mixed, 2)));
    T fresh = cosine(ops, adapted.prototypes(), pixels);
    // Logits of the unit-length mixture (1 - t)·W + t·W̄, from the logits of its two parts.
    T used = mix(ops, adapted.prototypes(), prior.bank(), trust); // [B, K, D]
    T squares = ops.add(ops.sum(ops.multiply(used, used), 2), ops.constant(Ops.UNIT_EPSILON));
    T logits = ops.divide(mix(ops, fresh, remembered, trust), ops.sqrt(squares));
    T evidence =
        ops.reshape(
            ops.divide(mass, ops.constant((float) ops.shape(mixed)[2])), -1, classes); // [B, K]
    return new HeadOutput<>(
        logits,
        fresh,
        remembered,
        adapted.prototypes(),
        evidence,
        new HeadDetail.Ssa<>(
            coarse, adapted.semantic(), adapted.spatial(), pixels.sum(), unadapted(ops)));
  }

  /** Prototypes with the fixed ones as their own centres: [K, D]. */
  private <T> T unadapted(Ops<T> ops) {
    T s = ops.parameter(fixed);
    T a = adaptsSemantic ? student.semantic().forward(ops, s, s) : s;
    T e = ops.parameter(position);
    T b = student.spatial().forward(ops, e, e);
    T sum = adaptsSpatial ? ops.add(a, b) : a;
    return ops.l2Normalize(ops.matmul(sum, ops.parameter(student.projection())), 1);
  }

  @Override
  public boolean hasTeacher() {
    return true;
  }

  @Override
  public <T> TeacherOutput<T> forwardTeacher(Ops<T> ops, T map, T masks) {
    Pixels<T> pixels = pixels(ops, map);
    T mass = ops.sum(masks, 2); // [B, K, 1]
    T shares = ops.divide(masks, ops.add(mass, ops.constant(NO_PIXELS))); // [B, K, N]
    Centres<T> found = pixels.centres(ops, shares, shares);
    T absent = ops.relu(ops.subtract(ops.constant(1f), mass)); // [B, K, 1], 1 or 0
    Centres<T> centres =
        new Centres<>(
            ops.add(found.semantic(), ops.multiply(absent, ops.parameter(fixed))),
            ops.add(found.spatial(), ops.multiply(absent, ops.parameter(position))));
    Adapted<T> adapted = adapt(ops, teacher, centres);
    return new TeacherOutput<>(
        cosine(ops, adapted.prototypes(), pixels), adapted.semantic(), adapted.spatial());
  }

  private <T> Pixels<T> pixels(Ops<T> ops, T map) {
    T f = ops.reshape(map, -1, features, pixelCount(ops, map)); // [B, D, N]
    T q = ops.reshape(positional.forward(ops, map), -1, features, pixelCount(ops, map));
    if (!adaptsSpatial) {
      q = ops.multiply(q, ops.constant(0f));
    }
    T sum = ops.add(f, q);
    // Summing by a product with ones is several times faster than a reduction over D.
    T ones = ops.constant(filled(features), 1, features);
    T squares = ops.matmul(ones, ops.multiply(sum, sum)); // [B, 1, N]
    T length = ops.sqrt(ops.add(squares, ops.constant(Ops.UNIT_EPSILON)));
    return new Pixels<>(f, q, sum, ops.divide(ops.constant(TEMPERATURE), length));
  }

  private static float[] filled(int length) {
    float[] ones = new float[length];
    Arrays.fill(ones, 1f);
    return ones;
  }

  private static <T> long pixelCount(Ops<T> ops, T map) {
    long[] shape = ops.shape(map);
    return shape[2] * shape[3];
  }

  /** C = S·F and the bias: [B, K, N]. */
  private <T> T coarse(Ops<T> ops, Pixels<T> pixels) {
    T logits = ops.matmul(ops.parameter(fixed), pixels.semantic());
    return fixedBias == null ? logits : ops.add(logits, ops.parameter(fixedBias));
  }

  /** Prototypes at the centres, by one of the two branches' perceptrons. */
  private <T> Adapted<T> adapt(Ops<T> ops, Adapter adapter, Centres<T> centres) {
    T z = centres.semantic();
    T a =
        adaptsSemantic
            ? adapter.semantic().forward(ops, z, ops.parameter(fixed)) // [B, K, D]
            : ops.add(ops.multiply(z, ops.constant(0f)), ops.parameter(fixed));
    T b = adapter.spatial().forward(ops, centres.spatial(), ops.parameter(position)); // [B, K, D]
    if (!adaptsSpatial) {
      b = ops.multiply(b, ops.constant(0f));
    }
    T w = ops.matmul(ops.add(a, b), ops.parameter(adapter.projection())); // [B, K, D]
    return new Adapted<>(a, b, ops.l2Normalize(w, 2));
  }

  /** τ·cos of prototypes of unit length with every pixel: [B, K, D] to [B, K, N]. */
  private static <T> T cosine(Ops<T> ops, T prototypes, Pixels<T> pixels) {
    return ops.multiply(ops.matmul(prototypes, pixels.sum()), pixels.scale());
  }

  private static <T> T mix(Ops<T> ops, T fresh, T remembered, T trust) {
    return ops.add(fresh, ops.multiply(trust, ops.subtract(remembered, fresh)));
  }
}
