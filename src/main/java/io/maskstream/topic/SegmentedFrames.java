package io.maskstream.topic;

import com.google.protobuf.InvalidProtocolBufferException;
import io.maskstream.frame.FrameId;
import io.maskstream.topic.v1.SegmentedFrame;
import org.jspecify.annotations.Nullable;

/** Values of the records of {@code segmented-frames}. */
public final class SegmentedFrames {
  private SegmentedFrames() {}

  /** Reads a record's value; an IllegalArgumentException where it is something else. */
  public static SegmentedFrame parse(byte @Nullable [] value) {
    if (value == null) {
      throw new IllegalArgumentException("it has no value");
    }
    try {
      return SegmentedFrame.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("it is not a segmented frame", e);
    }
  }

  /** Which frame a record is of. */
  public static FrameId id(SegmentedFrame frame) {
    return new FrameId(
        frame.getCamera(), frame.getEpoch(), frame.getSequence(), frame.getCaptureMicros());
  }
}
