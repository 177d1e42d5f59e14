package io.maskstream.app.option;

import io.maskstream.prototype.Reuse;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How prototypes are carried from frame to frame. */
public final class ReuseOptions {

  @Option(
      names = "--reuse",
      defaultValue = "flow",
      converter = PolicyConverter.class,
      description =
          "Policy: per-frame; flow (class probabilities along the optical flow); ema, guided, "
              + "keyframe, drift (prototypes); flow-ema, pixel-ema (controls). Default: "
              + "${DEFAULT-VALUE}.")
  private Reuse.Policy policy;

  @Option(
      names = "--trust",
      defaultValue = "" + Reuse.DEFAULT_TRUST,
      description = "Weight of remembered rows of ema and guided, 0 to 1.")
  private double trust;

  @Option(
      names = "--gain",
      defaultValue = "" + Reuse.DEFAULT_GAIN,
      description = "Share of a new frame of ema, smallest share of guided, 0 to 1.")
  private double gain;

  @Option(
      names = "--keyframe-interval",
      defaultValue = "" + Reuse.DEFAULT_KEYFRAME_INTERVAL,
      description = "Frames between two keyframes of the policy keyframe.")
  private int keyframeInterval;

  @Option(
      names = "--drift-threshold",
      defaultValue = "" + Reuse.DEFAULT_DRIFT_THRESHOLD,
      description = "Agreement below which the policy drift adapts, 0 to 1.")
  private double driftThreshold;

  public Reuse reuse() {
    return new Reuse(policy, trust, gain, keyframeInterval, driftThreshold);
  }

  public static final class PolicyConverter implements ITypeConverter<Reuse.Policy> {
    @Override
    public Reuse.Policy convert(String label) {
      try {
        return Reuse.Policy.of(label);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
