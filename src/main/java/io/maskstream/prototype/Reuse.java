package io.maskstream.prototype;

import io.maskstream.config.Checks;
import io.maskstream.config.Labels;
import java.util.List;

/**
 * The reuse policies by name, with their settings.
 *
 * @param policy which one
 * @param trust weight of remembered rows for {@code ema} and {@code guided}, 0 to 1
 * @param gain share of a new frame for {@code ema}; smallest share of a steady class for {@code
 *     guided}; above 0, at most 1
 * @param keyframeInterval frames from one adaptation to the next for {@code keyframe}
 * @param driftThreshold agreement below which {@code drift} adapts, 0 to 1
 */
public record Reuse(
    Policy policy, double trust, double gain, int keyframeInterval, double driftThreshold) {

  /** Names of the policies. */
  public enum Policy {
    PER_FRAME,
    /** Class probabilities along the optical flow, while they agree. */
    FLOW,
    /** The same without doubt in old memories: a control. */
    FLOW_EMA,
    /** A plain moving average of probabilities: a control. */
    PIXEL_EMA,
    EMA,
    GUIDED,
    KEYFRAME,
    DRIFT;

    /** As written in configuration and records. */
    public String label() {
      return Labels.of(this);
    }

    public static Policy of(String label) {
      return Labels.parse(Policy.class, "reuse policy", label);
    }

    public static List<String> labels() {
      return Labels.of(Policy.class);
    }
  }

  /** What measured best; see docs/methods.md. */
  public static final Policy DEFAULT_POLICY = Policy.FLOW;

  public static final double DEFAULT_TRUST = 0.5;
  public static final double DEFAULT_GAIN = 0.1;
  public static final int DEFAULT_KEYFRAME_INTERVAL = 5;
  public static final double DEFAULT_DRIFT_THRESHOLD = 0.95;

  public Reuse {
    require(trust >= 0 && trust <= 1, "trust must be 0 to 1, is " + trust);
    require(gain > 0 && gain <= 1, "gain must be above 0 and at most 1, is " + gain);
    require(keyframeInterval >= 1, "keyframeInterval must be at least 1, is " + keyframeInterval);
    require(
        driftThreshold >= 0 && driftThreshold <= 1,
        "driftThreshold must be 0 to 1, is " + driftThreshold);
  }

  private static void require(boolean holds, String message) {
    Checks.require(holds, "reuse: " + message);
  }

  /** A policy with default settings. */
  public static Reuse of(Policy policy) {
    return new Reuse(
        policy, DEFAULT_TRUST, DEFAULT_GAIN, DEFAULT_KEYFRAME_INTERVAL, DEFAULT_DRIFT_THRESHOLD);
  }

  /** The policy's functions. */
  public ReusePolicy build() {
    return switch (policy) {
      case PER_FRAME -> new PerFrame();
      case FLOW -> new DensePolicy(policy, DenseReuse.FLOW);
      case FLOW_EMA -> new DensePolicy(policy, DenseReuse.FLOW_EMA);
      case PIXEL_EMA -> new DensePolicy(policy, DenseReuse.PIXEL_EMA);
      case EMA -> new Ema((float) trust, (float) gain);
      case GUIDED -> new Guided((float) trust, (float) gain);
      case KEYFRAME -> new Keyframe(keyframeInterval);
      case DRIFT -> new Drift((float) driftThreshold);
    };
  }
}
