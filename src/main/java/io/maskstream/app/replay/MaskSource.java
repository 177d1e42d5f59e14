package io.maskstream.app.replay;

import io.maskstream.app.replay.RecordedFrames.Frame;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.ScalablePicture;
import java.io.IOException;
import java.util.Optional;

/** One of the two sides of a comparison. Used by one thread. */
interface MaskSource {

  /**
   * A mask.
   *
   * @param confidence mean winning probability of its pixels, 0 to 1
   * @param micros its segmentation took
   */
  record TimedMask(Mask mask, double confidence, long micros) {}

  /** What it is, for a report. */
  String name();

  /** The mask of a frame, if there is one; frames come in the order of {@link RecordedFrames}. */
  Optional<TimedMask> mask(Frame frame, ScalablePicture picture) throws IOException;

  /** The classes of a camera's masks. */
  ClassTable table(String camera);
}
