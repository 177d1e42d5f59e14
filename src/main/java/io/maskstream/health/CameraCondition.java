package io.maskstream.health;

import io.maskstream.config.Labels;

/** What can be wrong with a camera's picture. */
public enum CameraCondition {
  /** Most of the picture has lost its texture: paint, a hand, a sheet, fog. */
  COVERED("lost-texture"),
  /** Most of the pixels are black or white. */
  BLINDED("clipped"),
  /** The picture is the same again and again. */
  FROZEN("repeated"),
  /** Fine detail is a small part of what it usually is. */
  OUT_OF_FOCUS("sharpness"),
  /** The camera looks elsewhere. */
  MOVED("scene-distance");

  private final String measure;

  CameraCondition(String measure) {
    this.measure = measure;
  }

  public String label() {
    return Labels.of(this);
  }

  /** Name of the value that is compared with the threshold. */
  public String measure() {
    return measure;
  }
}
