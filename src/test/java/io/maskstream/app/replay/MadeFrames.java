package io.maskstream.app.replay;

import io.maskstream.app.replay.RecordedFrames.Frame;
import io.maskstream.frame.FrameId;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;

/** Frames and pairs without pictures. */
final class MadeFrames {
  private static final Spool.Block NOTHING = new Spool.Block(0, 0);

  private MadeFrames() {}

  static FrameScore score(String camera, long millis, double confidence) {
    FrameMetadata metadata =
        new FrameMetadata(new FrameId(camera, 1, millis, 1_000 * millis), 4, 2, ContentType.JPEG);
    return new FrameScore(new Frame(metadata, 0, millis, NOTHING), confidence, NOTHING);
  }

  static MaskPair pair(String camera, long millis, double agreement) {
    return new MaskPair(score(camera, millis, 0.5), NOTHING, agreement, agreement == 1);
  }
}
