package io.maskstream.rollout;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Outcome of a rollout command on one worker: the JSON records of {@code model-reports}, keyed by
 * slot.
 *
 * @param slot of the order
 * @param givenMicros of the order
 * @param worker that reports
 * @param from name of the model that served
 * @param to name of the new one
 * @param outcome taken-over, rolled-back or rejected
 * @param reason in words
 * @param frames that both segmented
 * @param agreement share of pixels with the same class, 0 to 1; null without frames
 * @param classAgreement intersection over union of the two models' areas, by class
 * @param timeRatio time of the new model over that of the other; null without frames
 */
public record RolloutReport(
    String slot,
    long givenMicros,
    String worker,
    String from,
    String to,
    String outcome,
    String reason,
    long frames,
    @Nullable Double agreement,
    Map<String, Double> classAgreement,
    @Nullable Double timeRatio) {
  public RolloutReport {
    if (slot == null || worker == null || outcome == null || classAgreement == null) {
      throw new IllegalArgumentException("a report needs slot, worker, outcome and classAgreement");
    }
    classAgreement = Map.copyOf(classAgreement);
  }

  /** Whether the worker serves the new model now. */
  public boolean takenOver() {
    return outcome.equals(ShadowReport.Outcome.TAKEN_OVER.label());
  }

  /** Whether it is the report of an order. */
  public boolean answers(RolloutCommand order) {
    return order.slot().equals(slot) && order.givenMicros() == givenMicros;
  }
}
