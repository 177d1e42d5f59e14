package io.maskstream.prototype;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Class probabilities of the last frame, moved along the optical flow and pooled with those of this
 * frame.
 *
 * <p>Where two frames show the same thing, the model's errors of the one are partly undone by the
 * other: p' = (1 - w)·p + w·q, with p this frame's probabilities and q the remembered ones at the
 * place that the flow says. The weight of a pixel is w = w₀·m·s. m is how well the pictures match
 * there ({@link Warp}). s = exp(-(Δt·(1 - A) / c)²) is how fresh the memory is: Δt the time since
 * the last forward pass and A the share of pixels, weighted by m, on which both would decide alike.
 * A memory that is old but still agrees is used, as is one that disagrees but is fresh (that is the
 * flicker it is for); one that is old and disagrees is not, and below {@link #OFF} the labels are
 * those of the frame alone.
 *
 * <p>Nearest to flow-guided propagation of soft-max maps (Gadde et al., "Semantic Video CNNs
 * through Representation Warping", ICCV 2017), without training. Constants were tuned on synthetic
 * clips and on training sequences; see docs/methods.md. A pure function.
 *
 * <p>A frame can also do without a pass: {@link #move} gives it q alone.
 *
 * @param weight w₀, weight of a memory that matches perfectly, 0 to 1
 * @param tolerance σ, difference of brightness at which a match is 1 / e, levels of 255
 * @param staleness c, seconds times share of disagreeing pixels at which the weight is 1 / e
 * @param moves whether the memory follows the flow; a plain moving average does not
 */
public record DenseReuse(double weight, double tolerance, double staleness, boolean moves) {

  /** The policy {@code flow}. */
  public static final DenseReuse FLOW = new DenseReuse(0.5, 12, 0.035, true);

  /** Pools along the flow wherever the pictures match, however old the memory is: a control. */
  public static final DenseReuse FLOW_EMA = new DenseReuse(0.5, 20, Double.POSITIVE_INFINITY, true);

  /** Pools pixel by pixel with what was at the same place: a control. */
  public static final DenseReuse PIXEL_EMA =
      new DenseReuse(0.5, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, false);

  /**
   * Mean of m from which two pictures show one scene. Measured: above 0.52 half a second apart from
   * a car in a town, below 0.48 between drives.
   */
  public static final float SAME_SCENE = 0.5f;

  /** A share of w₀ below which the memory is not used at all. */
  static final double OFF = 0.02;

  /** Keeps a probability of zero finite as a logit. */
  private static final float LEAST = 1e-6f;

  /** Logits of stored probabilities. */
  private static final float[] LOGITS = new float[256];

  static {
    for (int stored = 0; stored < LOGITS.length; stored++) {
      LOGITS[stored] = FastMath.log(stored / 255f + LEAST);
    }
  }

  public DenseReuse {
    if (!(weight >= 0 && weight <= 1 && tolerance > 0 && staleness > 0)) {
      throw new IllegalArgumentException(
          "weight must be 0 to 1, tolerance and staleness above 0, are %s, %s and %s"
              .formatted(weight, tolerance, staleness));
    }
  }

  /**
   * A frame with what was remembered.
   *
   * @param logits to decide by; those of the frame itself where the memory was not used
   * @param memory for the next frame
   * @param agreement A, 0 to 1; 0 without memory
   * @param weight mean of w, 0 to 1; 0 where the memory was not used
   */
  public record Pooled(LogitMap logits, DenseMemory memory, float agreement, float weight) {}

  /**
   * What was remembered and how it moved.
   *
   * @param memory of the frame before
   * @param flow from this frame back to that one, of the size of the luma pictures
   * @param seconds from the memory's forward pass to this frame
   */
  public record Past(DenseMemory memory, FlowField flow, double seconds) {}

  /**
   * Pools a frame with the past.
   *
   * @param fresh of this frame
   * @param now this frame's picture
   */
  public Pooled pool(LogitMap fresh, Luma now, @Nullable Past past) {
    float[][] probabilities = softmax(fresh);
    if (past == null) {
      return unpooled(fresh, probabilities, now, 0);
    }
    Warp warp = new Warp(past.memory().luma(), now, past.flow(), tolerance);
    float[][] remembered = warp.probabilities(past.memory());
    float agreement = agreement(probabilities, remembered, warp.match());
    double stale = past.seconds() * (1 - agreement) / staleness;
    double share = Math.exp(-stale * stale);
    if (share < OFF) {
      return unpooled(fresh, probabilities, now, agreement);
    }
    float most = (float) (weight * share);
    mix(probabilities, remembered, warp.match(), most);
    return new Pooled(
        logits(fresh.rows(), fresh.columns(), probabilities),
        memory(fresh.rows(), fresh.columns(), probabilities, now),
        agreement,
        most * mean(warp.match()));
  }

  private static Pooled unpooled(
      LogitMap fresh, float[][] probabilities, Luma now, float agreement) {
    DenseMemory memory = memory(fresh.rows(), fresh.columns(), probabilities, now);
    return new Pooled(fresh, memory, agreement, 0);
  }

  /**
   * A memory where a frame's picture shows what it knows.
   *
   * @param logits to decide by, log q
   * @param memory for the next frame
   * @param match mean of m, 0 to 1
   */
  public record Moved(LogitMap logits, DenseMemory memory, float match) {}

  /** Mean of m between a memory's picture and a frame's, 0 to 1. */
  public float match(DenseMemory before, FlowField flow, Luma now) {
    return mean(new Warp(before.luma(), now, flow, tolerance).match());
  }

  /**
   * Moves a memory to a frame that has no forward pass of its own. An error of the frame before
   * stays, and what has come into sight has the classes of what lies beside it.
   *
   * @param flow from this frame back to the memory's
   */
  public Moved move(DenseMemory before, FlowField flow, Luma now) {
    Warp warp = new Warp(before.luma(), now, flow, tolerance);
    byte[] moved = warp.moved(before);
    float[] logits = new float[moved.length];
    for (int i = 0; i < moved.length; i++) {
      logits[i] = LOGITS[moved[i] & 0xFF];
    }
    return new Moved(
        new LogitMap(before.classes(), before.rows(), before.columns(), logits),
        new DenseMemory(before.classes(), before.rows(), before.columns(), moved, now),
        mean(warp.match()));
  }

  // An array for each class: the compiler computes many pixels at once where all arrays of a loop
  // have the same index.

  /** Probabilities of the classes at each pixel: [K][h·w]. */
  private static float[][] softmax(LogitMap logits) {
    int pixels = logits.pixels();
    float[][] planes = new float[logits.classes()][];
    for (int k = 0; k < planes.length; k++) {
      planes[k] = Arrays.copyOfRange(logits.values(), k * pixels, (k + 1) * pixels);
    }
    float[] largest = largest(planes);
    float[] sums = new float[pixels];
    for (float[] plane : planes) {
      for (int n = 0; n < pixels; n++) {
        plane[n] = FastMath.exp(plane[n] - largest[n]);
        sums[n] += plane[n];
      }
    }
    for (float[] plane : planes) {
      for (int n = 0; n < pixels; n++) {
        plane[n] /= sums[n];
      }
    }
    return planes;
  }

  /** The largest value of each pixel over the classes. */
  private static float[] largest(float[][] planes) {
    float[] largest = planes[0].clone();
    for (float[] plane : planes) {
      for (int n = 0; n < largest.length; n++) {
        largest[n] = Math.max(largest[n], plane[n]);
      }
    }
    return largest;
  }

  /** Share of pixels, weighted by how well they match, whose likeliest class is the same. */
  private static float agreement(float[][] p, float[][] q, float[] match) {
    float[] likeliest = largest(p);
    float[] remembered = largest(q);
    float[] behind = new float[match.length]; // 0 where one class is likeliest for both, else below
    Arrays.fill(behind, Float.NEGATIVE_INFINITY);
    for (int k = 0; k < p.length; k++) {
      float[] a = p[k];
      float[] b = q[k];
      for (int n = 0; n < behind.length; n++) {
        behind[n] = Math.max(behind[n], Math.min(a[n] - likeliest[n], b[n] - remembered[n]));
      }
    }
    double same = 0;
    double all = 0;
    for (int n = 0; n < match.length; n++) {
      same += behind[n] == 0 ? match[n] : 0;
      all += match[n];
    }
    return all > 0 ? (float) (same / all) : 0f;
  }

  /** Pools in place. */
  private static void mix(float[][] p, float[][] q, float[] match, float weight) {
    for (int k = 0; k < p.length; k++) {
      float[] a = p[k];
      float[] b = q[k];
      for (int n = 0; n < match.length; n++) {
        a[n] += weight * match[n] * (b[n] - a[n]);
      }
    }
  }

  private static float mean(float[] values) {
    double sum = 0;
    for (float each : values) {
      sum += each;
    }
    return (float) (sum / values.length);
  }

  private static LogitMap logits(int rows, int columns, float[][] probabilities) {
    int pixels = rows * columns;
    float[] values = new float[probabilities.length * pixels];
    for (int k = 0; k < probabilities.length; k++) {
      float[] plane = probabilities[k];
      for (int n = 0; n < pixels; n++) {
        values[k * pixels + n] = FastMath.log(plane[n] + LEAST);
      }
    }
    return new LogitMap(probabilities.length, rows, columns, values);
  }

  private static DenseMemory memory(int rows, int columns, float[][] probabilities, Luma luma) {
    int pixels = rows * columns;
    byte[] stored = new byte[probabilities.length * pixels];
    for (int k = 0; k < probabilities.length; k++) {
      float[] plane = probabilities[k];
      for (int n = 0; n < pixels; n++) {
        stored[k * pixels + n] = (byte) (255 * plane[n] + 0.5f);
      }
    }
    return new DenseMemory(probabilities.length, rows, columns, stored, luma);
  }
}
