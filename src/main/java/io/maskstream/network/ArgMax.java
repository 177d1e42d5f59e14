package io.maskstream.network;

import java.util.function.IntToDoubleFunction;

/** The class with the largest score. */
public final class ArgMax {
  private ArgMax() {}

  /**
   * Finds it.
   *
   * @param score by class
   * @return the class; the lowest of equal ones, and 0 where no score is a number
   */
  public static int of(int classes, IntToDoubleFunction score) {
    int best = 0;
    double highest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < classes; k++) {
      double value = score.applyAsDouble(k);
      if (value > highest) {
        highest = value;
        best = k;
      }
    }
    return best;
  }
}
