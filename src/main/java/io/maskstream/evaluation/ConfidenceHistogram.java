package io.maskstream.evaluation;

import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.Mask;

/**
 * Labelled pixels by confidence and by whether their label is right. A pixel has the confidence of
 * the map's cell that it lies in. Void pixels of the ground truth count nowhere.
 */
public final class ConfidenceHistogram {
  private static final int LEVELS = ConfidenceMap.FULL + 1;

  /** Decimals of a threshold: enough to tell any two levels apart. */
  private static final double STEPS = 1_000;

  private final int classes;
  private final long[] right = new long[LEVELS];
  private final long[] wrong = new long[LEVELS];

  public ConfidenceHistogram(int classes) {
    this.classes = classes;
  }

  /**
   * What a threshold makes of the pixels.
   *
   * @param unknown share of all pixels that are below it, 0 to 1
   * @param ofRight share of the pixels with the right label; NaN where none has it
   * @param ofWrong share of those with a wrong one; NaN where none has one
   * @param precision share of the unknown pixels whose label is wrong; NaN where none is unknown
   */
  public record Split(double unknown, double ofRight, double ofWrong, double precision) {}

  /** Adds a frame; truths of K and above are void. */
  public void add(Mask groundTruth, Mask predicted, ConfidenceMap map) {
    int width = groundTruth.width();
    int height = groundTruth.height();
    if (predicted.width() != width || predicted.height() != height) {
      throw new IllegalArgumentException(
          "the ground truth is %d×%d, the mask %d×%d"
              .formatted(width, height, predicted.width(), predicted.height()));
    }
    for (int y = 0; y < height; y++) {
      int row = y * map.height() / height;
      for (int x = 0; x < width; x++) {
        int truth = groundTruth.at(x, y);
        if (truth < classes) {
          long[] counts = truth == predicted.at(x, y) ? right : wrong;
          counts[map.at(x * map.width() / width, row)]++;
        }
      }
    }
  }

  /** Pixels with a class. */
  public long pixels() {
    return (long) sum(right, LEVELS) + (long) sum(wrong, LEVELS);
  }

  /** Those of them whose label is right. */
  public long rightPixels() {
    return (long) sum(right, LEVELS);
  }

  /** The largest threshold that has at most a share of the right pixels below it, 0 to 1. */
  public double threshold(double atMost) {
    double allowed = atMost * sum(right, LEVELS);
    int level = 0;
    while (level < ConfidenceMap.FULL && sum(right, level + 1) <= allowed) {
      level++;
    }
    return Math.floor(STEPS * level / ConfidenceMap.FULL) / STEPS; // down: the same level
  }

  /** The pixels at a threshold. */
  public Split split(double threshold) {
    int level = ConfidenceMap.level(threshold);
    double rightBelow = sum(right, level);
    double wrongBelow = sum(wrong, level);
    double allRight = sum(right, LEVELS);
    double allWrong = sum(wrong, LEVELS);
    return new Split(
        (rightBelow + wrongBelow) / (allRight + allWrong),
        rightBelow / allRight,
        wrongBelow / allWrong,
        wrongBelow / (rightBelow + wrongBelow));
  }

  private static double sum(long[] counts, int below) {
    long sum = 0;
    for (int level = 0; level < below; level++) {
      sum += counts[level];
    }
    return sum;
  }
}
