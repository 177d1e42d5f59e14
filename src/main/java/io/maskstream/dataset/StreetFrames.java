package io.maskstream.dataset;

import io.maskstream.frame.LabeledPicture;
import io.maskstream.synthetic.SyntheticStreet;
import java.time.Duration;

/** Frames of a synthetic drive, a few of each scene. */
public final class StreetFrames implements LabeledFrames {

  /** Frames taken of each scene. */
  private static final int FRAMES_A_SCENE = 4;

  private static final Duration STEP = SyntheticStreet.SCENE.dividedBy(FRAMES_A_SCENE);

  private final long seed;
  private final int width;
  private final int height;
  private final int size;

  public StreetFrames(long seed, int width, int height, int size) {
    this.seed = seed;
    this.width = width;
    this.height = height;
    this.size = size;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public LabeledPicture get(int index) {
    return new SyntheticStreet(seed, width, height).at(STEP.multipliedBy(index));
  }

  @Override
  public boolean sameSequence(int first, int second) {
    return first / FRAMES_A_SCENE == second / FRAMES_A_SCENE;
  }
}
