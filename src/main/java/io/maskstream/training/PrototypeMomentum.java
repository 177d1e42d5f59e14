package io.maskstream.training;

/**
 * Moves ProtoSeg's prototypes towards the pixels that are theirs: p ← unit(γ·p + (1 - γ)·mean of
 * the embeddings of the correctly classified pixels assigned to p) (CVPR 2022, eq. 10). A prototype
 * without such pixels keeps its value to the bit.
 *
 * <p>γ is the authors' 0.999. With 0.99 the prototypes of all classes ran to the features' common
 * mean before the features had parted, and nothing was learnt (cross-entropy stayed at 1.9).
 */
final class PrototypeMomentum {
  static final float MOMENTUM = 0.999f;

  private PrototypeMomentum() {}

  /**
   * The next prototypes.
   *
   * @param prototypes P·D
   * @param embeddings unit length, B·D·N
   * @param pixels labels, predictions and assignment of the same pixels
   * @param images B
   * @return P·D, unit length where moved
   */
  static float[] update(
      float[] prototypes, float[] embeddings, LossInput.Pixels pixels, int images) {
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
        move(next, sums, p * features, features);
      }
    }
    return next;
  }

  private static void move(float[] rows, double[] sums, int start, int features) {
    double sumLength = length(sums, start, features);
    double[] mixed = new double[features];
    double rowLength = 0;
    for (int d = 0; d < features; d++) {
      rowLength += (double) rows[start + d] * rows[start + d];
    }
    rowLength = Math.sqrt(rowLength);
    for (int d = 0; d < features; d++) {
      mixed[d] =
          MOMENTUM * rows[start + d] / rowLength + (1 - MOMENTUM) * sums[start + d] / sumLength;
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
