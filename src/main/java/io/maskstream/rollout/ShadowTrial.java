package io.maskstream.rollout;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.inference.ServedModel;
import io.maskstream.rollout.ShadowReport.Outcome;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A new model beside the one in use: both segment the same frames, only the other's masks go out.
 * Stream threads tell it what both said; the one whose frame completes the trial gets the report.
 */
public final class ShadowTrial {
  private final ServedModel active;
  private final ServedModel candidate;
  private final ShadowRule rule;
  private final Consumer<ShadowReport> onEnd;
  private final InstantSource clock;
  private final Instant end;
  private final long[][] pixels; // class of the one in use, class of the new one
  private long frames;
  private long activeNanos;
  private long candidateNanos;
  private boolean over;

  /**
   * Begins.
   *
   * @param onEnd for whom the report is
   */
  ShadowTrial(
      ServedModel active,
      ServedModel candidate,
      ShadowRule rule,
      Consumer<ShadowReport> onEnd,
      InstantSource clock) {
    this.active = active;
    this.candidate = candidate;
    this.rule = rule;
    this.onEnd = onEnd;
    this.clock = clock;
    this.end = clock.instant().plus(rule.time());
    int classes = active.card().classes().size();
    this.pixels = new long[classes][classes];
  }

  public ServedModel candidate() {
    return candidate;
  }

  Consumer<ShadowReport> onEnd() {
    return onEnd;
  }

  /** One side of a comparison: what a model said of a frame and how long it took. */
  public record ModelOutput(Mask mask, long nanos) {}

  /** Compares a frame; the result is there when the trial is complete with it, once. */
  synchronized Optional<ShadowReport> compare(ModelOutput used, ModelOutput fresh) {
    if (over) {
      return Optional.empty();
    }
    count(used.mask(), fresh.mask());
    frames++;
    activeNanos += used.nanos();
    candidateNanos += fresh.nanos();
    if (frames < ShadowRule.LEAST_FRAMES || clock.instant().isBefore(end)) {
      return Optional.empty();
    }
    over = true;
    double reached = agreement();
    boolean passes = reached >= rule.agreement();
    String reason =
        "agreement %.4f over %d frames, %.4f asked".formatted(reached, frames, rule.agreement());
    return Optional.of(report(passes ? Outcome.TAKEN_OVER : Outcome.ROLLED_BACK, reason));
  }

  /** Ends the trial without a verdict; empty where it has ended. */
  synchronized Optional<ShadowReport> stop(String reason) {
    if (over) {
      return Optional.empty();
    }
    over = true;
    return Optional.of(report(Outcome.ROLLED_BACK, reason));
  }

  private void count(Mask used, Mask fresh) {
    for (int y = 0; y < used.height(); y++) {
      int row = y * fresh.height() / used.height() * fresh.width();
      for (int x = 0; x < used.width(); x++) {
        int before = used.labels()[y * used.width() + x] & 0xFF;
        int now = fresh.labels()[row + x * fresh.width() / used.width()] & 0xFF;
        pixels[before][now]++;
      }
    }
  }

  private double agreement() {
    long same = 0;
    long all = 0;
    for (int i = 0; i < pixels.length; i++) {
      same += pixels[i][i];
      for (long count : pixels[i]) {
        all += count;
      }
    }
    return (double) same / all;
  }

  private ShadowReport report(Outcome outcome, String reason) {
    ClassTable table = active.card().table();
    Map<String, Double> byClass = new LinkedHashMap<>();
    for (int k = 0; k < pixels.length; k++) {
      long union = -pixels[k][k];
      for (int i = 0; i < pixels.length; i++) {
        union += pixels[k][i] + pixels[i][k];
      }
      if (union > 0) {
        byClass.put(table.name(k), (double) pixels[k][k] / union);
      }
    }
    return new ShadowReport(
        active.card().name(),
        candidate.card().name(),
        outcome,
        reason,
        frames,
        agreement(),
        byClass,
        (double) candidateNanos / activeNanos);
  }
}
