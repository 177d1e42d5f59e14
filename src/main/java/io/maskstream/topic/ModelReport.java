package io.maskstream.topic;

import java.util.Map;

/**
 * What became of an order on one worker: the JSON records of {@code model-reports}, keyed by slot.
 *
 * @param slot of the order
 * @param givenMicros of the order
 * @param worker that reports
 * @param from name of the model that served
 * @param to name of the new one
 * @param outcome taken-over, rolled-back or rejected
 * @param reason in words
 * @param frames that both segmented
 * @param agreement share of pixels with the same class, 0 to 1; NaN without frames
 * @param classAgreement intersection over union of the two models' areas, by class
 * @param timeRatio time of the new model over that of the other; NaN without frames
 */
public record ModelReport(
    String slot,
    long givenMicros,
    String worker,
    String from,
    String to,
    String outcome,
    String reason,
    long frames,
    double agreement,
    Map<String, Double> classAgreement,
    double timeRatio) {
  public ModelReport {
    classAgreement = Map.copyOf(classAgreement);
  }
}
