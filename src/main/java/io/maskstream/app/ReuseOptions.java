package io.maskstream.app;

import io.maskstream.prototype.Reuse;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How prototypes are carried from frame to frame. */
final class ReuseOptions {

  @Option(
      names = "--reuse",
      defaultValue = "guided",
      converter = PolicyConverter.class,
      description = "per-frame, ema, guided, keyframe or drift. Default: ${DEFAULT-VALUE}.")
  private Reuse.Policy policy;

  @Option(names = "--trust", defaultValue = "" + Reuse.DEFAULT_TRUST, description = "ema, guided.")
  private double trust;

  @Option(names = "--gain", defaultValue = "" + Reuse.DEFAULT_GAIN, description = "ema, guided.")
  private double gain;

  @Option(names = "--every", defaultValue = "" + Reuse.DEFAULT_EVERY, description = "keyframe.")
  private int every;

  @Option(names = "--bound", defaultValue = "" + Reuse.DEFAULT_BOUND, description = "drift.")
  private double bound;

  Reuse reuse() {
    return new Reuse(policy, trust, gain, every, bound);
  }

  static final class PolicyConverter implements ITypeConverter<Reuse.Policy> {
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
