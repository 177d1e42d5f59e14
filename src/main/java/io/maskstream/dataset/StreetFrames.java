package io.maskstream.dataset;

import io.maskstream.frame.LabeledPicture;
import io.maskstream.synthetic.SyntheticStreet;
import java.time.Duration;

/** Frames of a synthetic drive, a few of each scene. */
public final class StreetFrames implements LabeledFrames {

  /** Frames taken of each scene. */
  private static final int FRAMES_A_SCENE = 4;

  private static final Duration STEP = SyntheticStreet.SCENE.dividedBy(FRAMES_A_SCENE);

  /** Between two frames of a camera. */
  private static final Duration FRAME = Duration.ofMillis(67);

  private final long seed;
  private final int width;
  private final int height;
  private final int size;
  private final Duration step;

  private StreetFrames(long seed, int width, int height, int size, Duration step) {
    this.seed = seed;
    this.width = width;
    this.height = height;
    this.size = size;
    this.step = step;
  }

  /** Frames from all over each scene. */
  public StreetFrames(long seed, int width, int height, int size) {
    this(seed, width, height, size, STEP);
  }

  /** Successive frames of each scene, which optical flow relates. */
  public static StreetFrames inMotion(long seed, int width, int height, int size) {
    return new StreetFrames(seed, width, height, size, FRAME);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public LabeledPicture get(int index) {
    Duration scene = SyntheticStreet.SCENE.multipliedBy(index / FRAMES_A_SCENE);
    return new SyntheticStreet(seed, width, height)
        .at(scene.plus(step.multipliedBy(index % FRAMES_A_SCENE)));
  }

  @Override
  public boolean sameSequence(int first, int second) {
    return first / FRAMES_A_SCENE == second / FRAMES_A_SCENE;
  }

  @Override
  public boolean isMotion(int first, int second) {
    return step.equals(FRAME) && first != second && sameSequence(first, second);
  }
}
