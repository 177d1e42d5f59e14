package io.maskstream.training;

import io.maskstream.network.ArgMax;
import java.util.ArrayList;
import java.util.List;

/**
 * Offsets of the class logits for a decision that serves the mean IoU.
 *
 * <p>Cross-entropy teaches a network how likely a class is; taking the likeliest is best for the
 * share of right pixels, and gives rare classes away. Adding an offset a class after training
 * (post-hoc logit adjustment, Menon et al., ICLR 2021, eq. 9) moves the decision. The paper takes
 * the negative log frequency; here the offsets that give the highest mean IoU on labelled frames
 * are found by coordinate ascent, which also corrects what class weights and dice have shifted.
 */
public final class LogitAdjustment {
  private static final double[] STEPS = {0.8, 0.4, 0.2, 0.1};

  /** Rounds through the classes at each step. */
  private static final int ROUNDS = 2;

  /** Less than this is no gain. */
  private static final double LEAST_GAIN = 1e-5;

  private final int classes;
  private final List<float[]> logits = new ArrayList<>();
  private final List<byte[]> labels = new ArrayList<>();

  public LogitAdjustment(int classes) {
    this.classes = classes;
  }

  /**
   * Adds pixels.
   *
   * @param pixelLogits class logits, N·K, a pixel's beside each other; kept
   * @param pixelLabels true class, N; K and above is void; kept
   */
  public void add(float[] pixelLogits, byte[] pixelLabels) {
    if (pixelLogits.length != classes * pixelLabels.length) {
      throw new IllegalArgumentException(
          "%d labels need %d scores, there are %d"
              .formatted(pixelLabels.length, classes * pixelLabels.length, pixelLogits.length));
    }
    logits.add(pixelLogits);
    labels.add(pixelLabels);
  }

  /** Pixels with a class. */
  public long pixels() {
    long count = 0;
    for (byte[] ids : labels) {
      for (byte id : ids) {
        count += (id & 0xFF) < classes ? 1 : 0;
      }
    }
    return count;
  }

  /** The best offsets found, K. */
  public double[] best() {
    double[] offsets = new double[classes];
    double best = meanIou(offsets);
    for (double step : STEPS) {
      for (int round = 0; round < ROUNDS; round++) {
        for (int k = 0; k < classes; k++) {
          best = climb(offsets, k, step, best);
          best = climb(offsets, k, -step, best);
        }
      }
    }
    return offsets;
  }

  /** Moves one offset as long as it helps; returns the mean IoU reached. */
  private double climb(double[] offsets, int k, double step, double from) {
    double best = from;
    while (true) {
      offsets[k] += step;
      double reached = meanIou(offsets);
      if (reached < best + LEAST_GAIN) {
        offsets[k] -= step;
        return best;
      }
      best = reached;
    }
  }

  /** Mean IoU of the classes that occur, with offsets. */
  public double meanIou(double[] offsets) {
    long[] right = new long[classes];
    long[] groundTruth = new long[classes];
    long[] taken = new long[classes];
    for (int part = 0; part < labels.size(); part++) {
      byte[] ids = labels.get(part);
      float[] values = logits.get(part);
      for (int n = 0; n < ids.length; n++) {
        int id = ids[n] & 0xFF;
        if (id < classes) {
          int from = n * classes;
          int winner = ArgMax.of(classes, k -> values[from + k] + offsets[k]);
          groundTruth[id]++;
          taken[winner]++;
          right[id] += winner == id ? 1 : 0;
        }
      }
    }
    double sum = 0;
    int present = 0;
    for (int k = 0; k < classes; k++) {
      if (groundTruth[k] > 0) {
        sum += (double) right[k] / (groundTruth[k] + taken[k] - right[k]);
        present++;
      }
    }
    return present == 0 ? 0 : sum / present;
  }
}
