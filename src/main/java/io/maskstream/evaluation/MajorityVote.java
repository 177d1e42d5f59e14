package io.maskstream.evaluation;

import io.maskstream.frame.Mask;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The class that most of the last n masks give a pixel, the newest where none has more: the
 * plainest control of temporal reuse.
 */
public final class MajorityVote {
  private static final int CLASSES = 256;

  private final int frames;
  private final Deque<byte[]> last = new ArrayDeque<>();

  /** A vote of the last n frames; 1 leaves masks as they are. */
  public MajorityVote(int frames) {
    if (frames < 1) {
      throw new IllegalArgumentException("a vote needs at least 1 frame, is " + frames);
    }
    this.frames = frames;
  }

  /** Adds a mask and returns the vote. */
  public Mask add(Mask mask, boolean startsSequence) {
    if (startsSequence) {
      last.clear();
    }
    last.addFirst(mask.labels());
    if (last.size() > frames) {
      last.removeLast();
    }
    byte[] labels = new byte[mask.labels().length];
    int[] votes = new int[CLASSES];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = mostVoted(votes, i);
    }
    return new Mask(mask.width(), mask.height(), labels);
  }

  private byte mostVoted(int[] votes, int pixel) {
    byte winner = 0;
    int most = 0;
    for (byte[] labels : last) {
      votes[labels[pixel] & 0xFF]++;
    }
    for (byte[] labels : last) { // newest first
      int count = votes[labels[pixel] & 0xFF];
      if (count > most) {
        most = count;
        winner = labels[pixel];
      }
      votes[labels[pixel] & 0xFF] = 0;
    }
    return winner;
  }
}
