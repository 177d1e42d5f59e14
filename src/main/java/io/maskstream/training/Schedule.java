package io.maskstream.training;

/**
 * Learning rate: linear warm-up, then polynomial decay to zero.
 *
 * @param peak highest rate
 * @param warmupSteps steps until the peak
 * @param totalSteps steps until zero
 * @param power of the decay; 0.9 is customary for segmentation (DeepLab, 2017)
 */
public record Schedule(double peak, int warmupSteps, int totalSteps, double power) {

  /** Rate of a step, from 0. */
  public double rate(int step) {
    if (step < warmupSteps) {
      return peak * (step + 1) / warmupSteps;
    }
    double left = 1 - (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    return peak * Math.pow(Math.max(0, left), power);
  }
}
