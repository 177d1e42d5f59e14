package io.maskstream.dataset;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import java.util.Arrays;
import java.util.List;

/** Runs of successive frames of a video without labels: all of their pixels are void. */
public final class ClipFrames implements LabeledFrames {
  private final List<LabeledPicture> frames;
  private final int length;

  /**
   * Frames in the order of time.
   *
   * @param runs of one length
   */
  public ClipFrames(List<List<Picture>> runs) {
    this.frames = runs.stream().flatMap(List::stream).map(ClipFrames::unlabeled).toList();
    this.length = runs.get(0).size();
  }

  private static LabeledPicture unlabeled(Picture picture) {
    byte[] labels = new byte[picture.width() * picture.height()];
    Arrays.fill(labels, (byte) ClassTable.VOID);
    return new LabeledPicture(picture, new Mask(picture.width(), picture.height(), labels));
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
    return first / length == second / length;
  }

  @Override
  public boolean isMotion(int first, int second) {
    return first != second && sameSequence(first, second);
  }
}
