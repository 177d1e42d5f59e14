package io.maskstream.topic;

import io.maskstream.frame.FrameId;
import io.maskstream.topic.v1.SegmentedFrame;

/** Values of the records of {@code segmented-frames}. */
public final class SegmentedFrames {
  private SegmentedFrames() {}

  /** Which frame a record is of. */
  public static FrameId id(SegmentedFrame frame) {
    return new FrameId(
        frame.getCamera(), frame.getEpoch(), frame.getSequence(), frame.getCaptureMicros());
  }
}
