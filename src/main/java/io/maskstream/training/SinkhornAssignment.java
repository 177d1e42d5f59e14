package io.maskstream.training;

import java.util.Arrays;

/**
 * Assigns the pixels of a class to its M prototypes so that all prototypes get about equally many:
 * Sinkhorn-Knopp on exp(similarity / κ) with n rows and M columns, whose marginals converge to 1 /
 * n and 1 / M (ProtoSeg, CVPR 2022, eq. 7 to 9; Cuturi, NeurIPS 2013). κ = 0.05 and three rounds
 * are the authors' values; a pixel then takes its largest column, where the authors draw by Gumbel
 * noise, so that training can be repeated to the digit.
 */
final class SinkhornAssignment {
  private static final double SOFTNESS = 0.05;

  /** Rounds of scaling. */
  static final int ROUNDS = 3;

  private SinkhornAssignment() {}

  /**
   * The transport plan.
   *
   * @param similarity cosine of pixel and prototype: n·M, row by row
   * @return n·M, sums to 1
   */
  static double[] plan(float[] similarity, int columns, int rounds) {
    int rows = similarity.length / columns;
    double[] plan = new double[similarity.length];
    double largest = Double.NEGATIVE_INFINITY;
    for (float value : similarity) {
      largest = Math.max(largest, value);
    }
    for (int i = 0; i < plan.length; i++) {
      plan[i] = Math.exp((similarity[i] - largest) / SOFTNESS);
    }
    double[] columnSums = new double[columns];
    for (int round = 0; round < rounds; round++) {
      Arrays.fill(columnSums, 0);
      for (int i = 0; i < plan.length; i++) {
        columnSums[i % columns] += plan[i];
      }
      for (int i = 0; i < plan.length; i++) {
        plan[i] /= columnSums[i % columns] * columns;
      }
      for (int row = 0; row < rows; row++) {
        normalise(plan, row * columns, columns, rows);
      }
    }
    return plan;
  }

  private static void normalise(double[] plan, int start, int columns, int rows) {
    double sum = 0;
    for (int c = 0; c < columns; c++) {
      sum += plan[start + c];
    }
    for (int c = 0; c < columns; c++) {
      plan[start + c] /= sum * rows;
    }
  }

  /**
   * The prototype of every labelled pixel.
   *
   * @param similarity cosine of prototype and pixel for each image: B·P·N
   * @param labels true class of each pixel, K and above where void: B·N
   * @param images B
   * @param classes K
   * @param perClass M, P = K·M
   * @return index of the prototype, or -1 where void: B·N
   */
  static int[] assign(float[] similarity, int[] labels, int images, int classes, int perClass) {
    int[] assigned = new int[labels.length];
    Arrays.fill(assigned, -1);
    int prototypes = classes * perClass;
    int area = labels.length / images; // N
    for (int k = 0; k < classes; k++) {
      int[] members = members(labels, k);
      float[] own = new float[members.length * perClass];
      for (int i = 0; i < members.length; i++) {
        int image = members[i] / area;
        int pixel = members[i] % area;
        for (int m = 0; m < perClass; m++) {
          own[i * perClass + m] =
              similarity[(image * prototypes + k * perClass + m) * area + pixel];
        }
      }
      double[] plan = plan(own, perClass, ROUNDS);
      for (int i = 0; i < members.length; i++) {
        assigned[members[i]] = k * perClass + largest(plan, i * perClass, perClass);
      }
    }
    return assigned;
  }

  private static int[] members(int[] labels, int classId) {
    int[] members = new int[labels.length];
    int count = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == classId) {
        members[count++] = i;
      }
    }
    return Arrays.copyOf(members, count);
  }

  private static int largest(double[] plan, int start, int columns) {
    int best = 0;
    for (int c = 1; c < columns; c++) {
      if (plan[start + c] > plan[start + best]) {
        best = c;
      }
    }
    return best;
  }
}
