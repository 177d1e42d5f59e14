package io.maskstream.app.replay;

import io.maskstream.app.replay.RecordedFrames.Frame;

/**
 * What a replay found out about a frame.
 *
 * @param confidence mean winning probability of the new mask's pixels, 0 to 1
 * @param mask of the replay, in the spool, encoded
 */
record FrameScore(Frame frame, double confidence, Spool.Block mask) {
  String camera() {
    return frame.id().camera();
  }

  long captureMicros() {
    return frame.id().captureMicros();
  }
}
