package io.maskstream.evaluation;

import io.maskstream.frame.Mask;

/** Counts of pixels by true and predicted class. Void pixels of the ground truth count nowhere. */
public final class ConfusionMatrix {
  private final int classes;
  private final long[][] counts;

  public ConfusionMatrix(int classes) {
    this.classes = classes;
    this.counts = new long[classes][classes];
  }

  /** Adds a frame; truths of K and above are void. */
  public void add(Mask groundTruth, Mask predicted) {
    if (groundTruth.width() != predicted.width() || groundTruth.height() != predicted.height()) {
      throw new IllegalArgumentException(
          "truth is %d×%d but the predicted mask is %d×%d"
              .formatted(
                  groundTruth.width(),
                  groundTruth.height(),
                  predicted.width(),
                  predicted.height()));
    }
    byte[] expected = groundTruth.labels();
    byte[] actual = predicted.labels();
    for (int i = 0; i < expected.length; i++) {
      int row = expected[i] & 0xFF;
      int column = actual[i] & 0xFF;
      if (column >= classes) {
        throw new IllegalArgumentException(
            "a predicted label must be from 0 to %d, the ids of the class table, is %d"
                .formatted(classes - 1, column));
      }
      if (row < classes) {
        counts[row][column]++;
      }
    }
  }

  /** Pixels whose true class this is. */
  public long expected(int classId) {
    long sum = 0;
    for (long count : counts[classId]) {
      sum += count;
    }
    return sum;
  }

  /** Labelled pixels that were given this class. */
  public long predicted(int classId) {
    long sum = 0;
    for (long[] row : counts) {
      sum += row[classId];
    }
    return sum;
  }

  /** Labelled pixels so far. */
  public long pixels() {
    long sum = 0;
    for (long[] row : counts) {
      for (long count : row) {
        sum += count;
      }
    }
    return sum;
  }

  /** Share of labelled pixels with the right class, 0 to 1; NaN without pixels. */
  public double pixelAccuracy() {
    long right = 0;
    for (int k = 0; k < classes; k++) {
      right += counts[k][k];
    }
    return (double) right / pixels();
  }

  /** Intersection over union of a class, 0 to 1; NaN where it is neither true nor predicted. */
  public double iou(int classId) {
    long union = -counts[classId][classId];
    for (int k = 0; k < classes; k++) {
      union += counts[classId][k] + counts[k][classId];
    }
    return (double) counts[classId][classId] / union;
  }

  /** Mean IoU over the classes that occur, 0 to 1. */
  public double meanIou() {
    double sum = 0;
    int present = 0;
    for (int k = 0; k < classes; k++) {
      double iou = iou(k);
      if (!Double.isNaN(iou)) {
        sum += iou;
        present++;
      }
    }
    return sum / present;
  }
}
