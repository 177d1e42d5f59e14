package io.maskstream.dataset;

import io.maskstream.frame.LabeledPicture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Frames read once and kept; order and sequences as in the source. */
public final class InMemoryFrames implements LabeledFrames {
  private final LabeledFrames source;
  private final List<LabeledPicture> frames = new ArrayList<>();

  public InMemoryFrames(LabeledFrames source) throws IOException {
    this.source = source;
    for (int i = 0; i < source.size(); i++) {
      frames.add(source.get(i));
    }
  }

  @Override
  public int size() {
    return frames.size();
  }

  @Override
  public LabeledPicture get(int index) {
    return frames.get(index);
  }

  @Override
  public boolean sameSequence(int first, int second) {
    return source.sameSequence(first, second);
  }

  @Override
  public boolean isMotion(int first, int second) {
    return source.isMotion(first, second);
  }
}
