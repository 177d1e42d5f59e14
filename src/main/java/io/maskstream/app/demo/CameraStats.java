package io.maskstream.app.demo;

import io.maskstream.evaluation.ConfusionMatrix;
import io.maskstream.frame.Mask;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** What a demo has seen of one camera. Not safe for use by several threads. */
final class CameraStats {
  private static final long MAX_MICROS = 60_000_000;
  private static final int DIGITS = 3;

  private final ConfusionMatrix accuracy;
  private final Histogram latency = new Histogram(MAX_MICROS, DIGITS);
  private long frames;
  private long framesAtLastRow;
  private long bankFrames;

  CameraStats(int classes) {
    this.accuracy = new ConfusionMatrix(classes);
  }

  void add(long latencyMicros, long framesSinceReset) {
    frames++;
    bankFrames = framesSinceReset;
    latency.recordValue(Math.max(0, Math.min(MAX_MICROS, latencyMicros)));
  }

  void compare(Mask groundTruth, Mask predicted) {
    accuracy.add(groundTruth, predicted);
  }

  long frames() {
    return frames;
  }

  /** Frames since the last call. */
  long newFrames() {
    long fresh = frames - framesAtLastRow;
    framesAtLastRow = frames;
    return fresh;
  }

  long bankFrames() {
    return bankFrames;
  }

  /** Milliseconds below which a share of the frames stayed. */
  double latencyMillis(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e3;
  }

  /** {@link #meanIou} for people; a dash while there is nothing to measure. */
  String meanIouText() {
    return accuracy.pixels() == 0 ? "-" : String.format(Locale.ROOT, "%.1f", meanIou());
  }

  /** Percent, NaN without a ground truth. */
  double meanIou() {
    return accuracy.pixels() == 0 ? Double.NaN : 100 * accuracy.meanIou();
  }
}
