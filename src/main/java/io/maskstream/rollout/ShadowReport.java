package io.maskstream.rollout;

import io.maskstream.config.Labels;
import java.util.Map;

/**
 * How a trial of a new model ended.
 *
 * @param from name of the model in use
 * @param to name of the new model
 * @param outcome of the trial
 * @param reason in words
 * @param frames that both segmented
 * @param agreement share of pixels with the same class, 0 to 1; NaN without frames
 * @param classAgreement intersection over union of the two models' areas a class, by name, where a
 *     class occurred
 * @param timeRatio time of the new model over that of the other; NaN without frames
 */
public record ShadowReport(
    String from,
    String to,
    Outcome outcome,
    String reason,
    long frames,
    double agreement,
    Map<String, Double> classAgreement,
    double timeRatio) {

  /** Outcome of a trial of a new model. */
  public enum Outcome {
    /** It serves now. */
    TAKEN_OVER,
    /** It ran and was put away. */
    ROLLED_BACK,
    /** It never ran. */
    REJECTED;

    /** As written in records and metrics. */
    public String label() {
      return Labels.of(this);
    }
  }

  /** The report on a model that was not compared with another. */
  public static ShadowReport untried(String from, String to, Outcome outcome, String reason) {
    return new ShadowReport(from, to, outcome, reason, 0, Double.NaN, Map.of(), Double.NaN);
  }

  /** The same of a model that is put away all the same. */
  ShadowReport rolledBack(String why) {
    return new ShadowReport(
        from, to, Outcome.ROLLED_BACK, why, frames, agreement, classAgreement, timeRatio);
  }

  public ShadowReport {
    classAgreement = Map.copyOf(classAgreement);
  }
}
