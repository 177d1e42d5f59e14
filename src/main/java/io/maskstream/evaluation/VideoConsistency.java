package io.maskstream.evaluation;

import io.maskstream.frame.Mask;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Video consistency VC_n (Miao et al., "VSPW", CVPR 2021): among the pixels whose true class stays
 * the same over n frames, the share that is labeled with it in all of them; mean over all windows
 * of n frames of a sequence.
 */
public final class VideoConsistency {
  private final int classes;
  private final int frames;
  private final Deque<Pair> window = new ArrayDeque<>();
  private double sum;
  private long windows;

  private record Pair(byte[] truth, byte[] predicted) {}

  /**
   * A measure.
   *
   * @param classes K; true classes of K and above are void
   * @param frames n
   */
  public VideoConsistency(int classes, int frames) {
    this.classes = classes;
    this.frames = frames;
  }

  /** Adds a frame. */
  public void add(Mask truth, Mask predicted, boolean startsSequence) {
    if (startsSequence) {
      window.clear();
    }
    window.addLast(new Pair(truth.labels(), predicted.labels()));
    if (window.size() > frames) {
      window.removeFirst();
    }
    if (window.size() == frames) {
      count(truth.labels());
    }
  }

  private void count(byte[] truth) {
    long steady = 0;
    long right = 0;
    for (int i = 0; i < truth.length; i++) {
      if ((truth[i] & 0xFF) >= classes) {
        continue;
      }
      boolean same = true;
      boolean all = true;
      for (Iterator<Pair> pairs = window.iterator(); same && pairs.hasNext(); ) {
        Pair pair = pairs.next();
        same = pair.truth[i] == truth[i];
        all &= pair.predicted[i] == truth[i];
      }
      steady += same ? 1 : 0;
      right += same && all ? 1 : 0;
    }
    if (steady > 0) {
      sum += (double) right / steady;
      windows++;
    }
  }

  /** Mean over the windows, 0 to 1; NaN without any. */
  public double mean() {
    return sum / windows;
  }
}
