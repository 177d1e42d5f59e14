package io.maskstream.dataset;

import io.maskstream.frame.LabeledPicture;
import java.io.IOException;

/** Labelled frames in the order of time; frames of one sequence are neighbours. */
public interface LabeledFrames {

  int size();

  /** The frame at a place; void pixels have the label {@code ClassTable.VOID}. */
  LabeledPicture get(int index) throws IOException;

  /** Whether two frames belong to one sequence. */
  boolean sameSequence(int first, int second);

  /** Whether optical flow can relate two frames: they are a fraction of a second apart. */
  default boolean isMotion(int first, int second) {
    return false;
  }
}
