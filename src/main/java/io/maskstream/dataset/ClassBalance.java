package io.maskstream.dataset;

import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import java.io.IOException;
import java.util.Arrays;

/**
 * Weights that let rare classes count more: 1 / ln(1.1 + share), as in ENet (2016) with c = 1.1.
 */
public final class ClassBalance {

  /** Frames looked at, spread over the data set. */
  private static final int SAMPLES = 200;

  private ClassBalance() {}

  /**
   * Weights of the classes with mean 1 over the pixels: K.
   *
   * @param softening c, above 1; ENet takes 1.02, larger values draw the weights together
   */
  public static float[] weights(LabeledFrames frames, int classes, double softening)
      throws IOException {
    if (!(softening > 1 && Double.isFinite(softening))) {
      throw new IllegalArgumentException("class balance must be a number above 1, is " + softening);
    }
    long[] counts = new long[classes];
    long total = 0;
    int step = Math.max(1, frames.size() / SAMPLES);
    for (int i = 0; i < frames.size(); i += step) {
      LabeledPicture frame = frames.get(i);
      total += count(frame.groundTruth(), counts);
    }
    if (Arrays.stream(counts).sum() == 0) {
      throw new IOException(
          "no pixel of the label pictures has one of the %d classes; which values do they have? The class table can name them (labels: [...])"
              .formatted(classes));
    }
    float[] weights = new float[classes];
    double mean = 0;
    for (int k = 0; k < classes; k++) {
      double share = (double) counts[k] / total;
      weights[k] = (float) (1 / Math.log(softening + share));
      mean += share * weights[k];
    }
    for (int k = 0; k < classes; k++) {
      weights[k] /= (float) mean;
    }
    return weights;
  }

  private static long count(Mask groundTruth, long[] counts) {
    long labelled = 0;
    for (byte label : groundTruth.labels()) {
      int id = label & 0xFF;
      if (id < counts.length) {
        counts[id]++;
        labelled++;
      }
    }
    return labelled;
  }
}
