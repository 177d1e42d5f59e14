package io.maskstream.health;

import io.maskstream.frame.FrameId;
import io.maskstream.prototype.SceneSignature;

/**
 * Simple statistics of one picture.
 *
 * @param frame which one
 * @param mean brightness, 0 to 255
 * @param contrast standard deviation of the brightness
 * @param dark share of pixels that are all but black, 0 to 1
 * @param bright share of pixels that are all but white, 0 to 1
 * @param flat share of the picture's cells without texture, 0 to 1
 * @param sharpness variance of the Laplacian in parts of the brightness's variance
 * @param fingerprint the same for equal pictures
 * @param signature how the scene looks
 * @param relearn whether an operator wants the camera's usual values to be learned again
 */
public record PictureStats(
    FrameId frame,
    double mean,
    double contrast,
    double dark,
    double bright,
    double flat,
    double sharpness,
    long fingerprint,
    SceneSignature signature,
    boolean relearn) {

  /** Share of pixels that say nothing, black ones or white ones, 0 to 1. */
  double clipped() {
    return Math.max(dark, bright);
  }
}
