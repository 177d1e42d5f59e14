package io.maskstream.dataset;

import io.maskstream.frame.LabeledPicture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Batches of an epoch: pairs of neighbouring frames, in an order drawn from the seed and the epoch.
 *
 * <p>Batch n of epoch e is always the same, so training can resume anywhere. Fewer frames than a
 * batch has views are repeated until they fill it, each time as another view.
 */
public final class BatchSource {
  private final LabeledFrames frames;
  private final ViewSchedule views;
  private final int batchSize;
  private final long seed;

  public BatchSource(LabeledFrames frames, ViewSchedule views, int batchSize, long seed) {
    if (batchSize < 2 || batchSize % 2 != 0) {
      throw new IllegalArgumentException("batch size must be even, is " + batchSize);
    }
    if (frames.size() == 0) {
      throw new IllegalArgumentException("a training needs at least 1 frame, has 0");
    }
    this.frames = frames;
    this.views = views;
    this.batchSize = batchSize;
    this.seed = seed;
  }

  /** Steps of one epoch, at least 1. */
  public int steps() {
    return Math.max(1, frames.size() / batchSize);
  }

  public Batch batch(int epoch, int step) throws IOException {
    List<int[]> pairs = pairs(epoch);
    List<LabeledPicture> drawn = new ArrayList<>();
    List<Integer> moving = new ArrayList<>();
    for (int i = 0; i < batchSize; i += 2) {
      int place = step * batchSize + i;
      int[] pair = pairs.get(place / 2);
      boolean motion = frames.isMotion(pair[0], pair[1]);
      if (motion) {
        moving.add(i);
      }
      drawn.add(view(epoch, pair[0], place));
      drawn.add(view(epoch, pair[1], motion ? place : place + 1));
    }
    return Batch.of(drawn, moving);
  }

  private LabeledPicture view(int epoch, int index, int draw) throws IOException {
    return views.at(epoch).apply(frames.get(index), new Random(mix(epoch, draw)));
  }

  /**
   * As many pairs as an epoch takes, in rounds over all frames; a frame without a neighbour in its
   * sequence pairs with itself.
   */
  private List<int[]> pairs(int epoch) {
    Random random = new Random(mix(epoch, -1));
    List<int[]> pairs = new ArrayList<>();
    while (pairs.size() * 2 < steps() * batchSize) {
      for (int i = random.nextInt(2); i < frames.size(); i += 2) {
        boolean neighbour = i + 1 < frames.size() && frames.sameSequence(i, i + 1);
        pairs.add(new int[] {i, neighbour ? i + 1 : i});
      }
    }
    Collections.shuffle(pairs, random);
    return pairs;
  }

  private long mix(long epoch, long item) {
    return seed * 0x9E3779B97F4A7C15L + epoch * 1_000_003L + item * 7_919L;
  }
}
