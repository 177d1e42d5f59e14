package io.maskstream.training;

import io.maskstream.loss.LossInput;

/**
 * Moves ProtoSeg's prototypes towards the pixels that are theirs: p ← unit(γ·p + (1 - γ)·mean of
 * the embeddings of the correctly classified pixels assigned to p) (CVPR 2022, eq. 10). A prototype
 * without such pixels keeps its value unchanged.
 *
 * <p>γ is the authors' 0.999 in a training as long as theirs. In a short one the prototypes would
 * stay where chance put them: after 450 steps, 0.999^450 = 64 % of a prototype is still its random
 * start. So γ is never more than what leaves a hundredth of the start at the end.
 */
final class PrototypeMomentum {
  private static final double AUTHORS = 0.999;

  /** Share of a prototype's start that is left after the last step, at most. */
  private static final double LEFT_AT_THE_END = 0.01;

  private PrototypeMomentum() {}

  /** γ of a training of so many steps. */
  static double of(int totalSteps) {
    return Math.min(AUTHORS, Math.pow(LEFT_AT_THE_END, 1.0 / totalSteps));
  }

  /**
   * The next prototypes.
   *
   * @param prototypes P·D
   * @param embeddings unit length, B·D·N
   * @param pixels labels, predictions and assignment of the same pixels
   * @param images B
   * @param momentum γ
   * @return P·D, unit length where moved
   */
  static float[] update(
      float[] prototypes,
      float[] embeddings,
      LossInput.Pixels pixels,
      int images,
      double momentum) {
    int area = pixels.labels().length / images;
    int features = embeddings.length / pixels.labels().length;
    int count = prototypes.length / features;
    double[] sums = new double[prototypes.length];
    int[] members = new int[count];
    for (int i = 0; i < pixels.labels().length; i++) {
      int p = pixels.assigned()[i];
      if (p < 0 || pixels.predicted()[i] != pixels.labels()[i]) {
        continue;
      }
      members[p]++;
      int start = i / area * features * area + i % area;
      for (int d = 0; d < features; d++) {
        sums[p * features + d] += embeddings[start + d * area];
      }
    }
    float[] next = prototypes.clone();
    for (int p = 0; p < count; p++) {
      if (members[p] > 0) {
        move(next, sums, p * features, features, momentum);
      }
    }
    return next;
  }

  private static void move(float[] rows, double[] sums, int start, int features, double momentum) {
    double sumLength = length(sums, start, features);
    double[] mixed = new double[features];
    double rowLength = 0;
    for (int d = 0; d < features; d++) {
      rowLength += (double) rows[start + d] * rows[start + d];
    }
    rowLength = Math.sqrt(rowLength);
    for (int d = 0; d < features; d++) {
      mixed[d] =
          momentum * rows[start + d] / rowLength + (1 - momentum) * sums[start + d] / sumLength;
    }
    double scale = 1 / length(mixed, 0, features);
    for (int d = 0; d < features; d++) {
      rows[start + d] = (float) (mixed[d] * scale);
    }
  }

  private static double length(double[] values, int start, int features) {
    double squares = 0;
    for (int d = start; d < start + features; d++) {
      squares += values[d] * values[d];
    }
    return Math.max(1e-12, Math.sqrt(squares));
  }
}
