package io.maskstream.stream;

import io.maskstream.health.PictureStats;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.v1.SegmentedFrame;
import java.util.Optional;

/** Outcome of a frame; every frame has exactly one. */
sealed interface Outcome {

  FrameRecord frame();

  /**
   * It was segmented.
   *
   * @param result for the topic of masks
   * @param picture statistics of the picture, where they were taken
   * @param redacted the picture for the topic of redacted frames, where there is one
   * @param memory what to keep of the camera
   * @param reset why the camera's memory was not used, where it was not
   */
  record Segmented(
      FrameRecord frame,
      SegmentedFrame result,
      ClassStats stats,
      Optional<PictureStats> picture,
      Optional<RedactedFrame> redacted,
      CameraMemory memory,
      Optional<ResetReason> reset)
      implements Outcome {}

  /** It was dropped, this long after its capture. */
  record Dropped(FrameRecord frame, DropRecord.Reason reason, long ageMicros) implements Outcome {}

  /** It can never be segmented. */
  record Poison(FrameRecord frame, String failure) implements Outcome {}
}
