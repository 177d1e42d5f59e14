package io.maskstream.loss;

import java.util.Random;

/**
 * What pixel contrast remembers of earlier steps: for each class a ring of pixel embeddings and a
 * ring of region means (Wang et al., ICCV 2021, §3.3).
 *
 * <p>All state is one array of floats, so that a checkpoint can keep it: for each class the two
 * counters of what was ever written, then the entries.
 */
public final class ContrastMemory {

  /** Entries of each ring; the authors keep some thousands on a GPU. */
  public static final int RING = 192;

  /** Pixels taken of one class of one image. */
  private static final int PIXELS_A_REGION = 4;

  private final int classes;
  private final int features;
  private final float[] state;

  /**
   * A memory over existing state.
   *
   * @param state of {@link #size} numbers; changed by this object
   */
  public ContrastMemory(int classes, int features, float[] state) {
    if (state.length != size(classes, features)) {
      throw new IllegalArgumentException(
          "a memory of %d classes needs %d numbers, has %d"
              .formatted(classes, size(classes, features), state.length));
    }
    this.classes = classes;
    this.features = features;
    this.state = state;
  }

  /** SafeArrays of the state. */
  public static int size(int classes, int features) {
    return classes * (2 + 2 * RING * features);
  }

  private int start(int classId) {
    return classId * (2 + 2 * RING * features);
  }

  /** Entries of a class, both rings. */
  public int entries(int classId) {
    int start = start(classId);
    return Math.min(RING, (int) state[start]) + Math.min(RING, (int) state[start + 1]);
  }

  /** Copies the entries of a class to a place in an array. */
  public void copy(int classId, float[] target, int position) {
    int start = start(classId);
    int pixels = Math.min(RING, (int) state[start]) * features;
    int regions = Math.min(RING, (int) state[start + 1]) * features;
    System.arraycopy(state, start + 2, target, position, pixels);
    System.arraycopy(state, start + 2 + RING * features, target, position + pixels, regions);
  }

  /**
   * Remembers a step: of each class of each image the mean, and some pixels at random.
   *
   * @param embeddings unit length, B·D·N
   * @param labels B·N
   * @param images B
   */
  public void remember(float[] embeddings, int[] labels, int images, Random random) {
    int area = labels.length / images;
    for (int image = 0; image < images; image++) {
      for (int k = 0; k < classes; k++) {
        region(embeddings, labels, image * area, area, k, random);
      }
    }
  }

  private void region(
      float[] embeddings, int[] labels, int first, int area, int classId, Random random) {
    double[] sum = new double[features];
    int[] members = new int[area];
    int count = 0;
    for (int n = 0; n < area; n++) {
      if (labels[first + n] == classId) {
        members[count++] = n;
      }
    }
    if (count == 0) {
      return;
    }
    int base = first * features;
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < features; d++) {
        sum[d] += embeddings[base + d * area + members[i]];
      }
    }
    write(classId, 1, sum);
    for (int i = 0; i < Math.min(PIXELS_A_REGION, count); i++) {
      int n = members[random.nextInt(count)];
      double[] pixel = new double[features];
      for (int d = 0; d < features; d++) {
        pixel[d] = embeddings[base + d * area + n];
      }
      write(classId, 0, pixel);
    }
  }

  private void write(int classId, int ring, double[] vector) {
    double squares = 0;
    for (double value : vector) {
      squares += value * value;
    }
    double scale = 1 / Math.max(1e-12, Math.sqrt(squares));
    int start = start(classId);
    int written = (int) state[start + ring];
    int at = start + 2 + (ring * RING + written % RING) * features;
    for (int d = 0; d < features; d++) {
      state[at + d] = (float) (vector[d] * scale);
    }
    state[start + ring] = written + 1 < 1 << 23 ? written + 1 : RING + (written + 1) % RING;
  }
}
