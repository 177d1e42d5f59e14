package io.maskstream.evaluation;

import io.maskstream.frame.Mask;

/**
 * Counts flicker between neighbouring frames of a sequence: among the pixels whose true class
 * stays, those whose predicted class changes.
 */
public final class FlipCounter {
  private final int classes;
  private long still;
  private long flipped;

  public FlipCounter(int classes) {
    this.classes = classes;
  }

  /** Adds two neighbouring frames. */
  public void add(Mask truthBefore, Mask groundTruth, Mask predictedBefore, Mask predicted) {
    byte[] before = truthBefore.labels();
    byte[] now = groundTruth.labels();
    for (int i = 0; i < now.length; i++) {
      if (before[i] == now[i] && (now[i] & 0xFF) < classes) {
        still++;
        if (predictedBefore.labels()[i] != predicted.labels()[i]) {
          flipped++;
        }
      }
    }
  }

  /** Share of the pixels with a steady true class whose predicted class changed, 0 to 1. */
  public double rate() {
    return still == 0 ? Double.NaN : (double) flipped / still;
  }
}
