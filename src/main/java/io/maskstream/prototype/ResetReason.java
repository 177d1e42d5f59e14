package io.maskstream.prototype;

import io.maskstream.config.Labels;

/** Why a camera's memory was reset. */
public enum ResetReason {
  FIRST_FRAME,
  SCENE_CUT,
  GAP,
  RECONNECT,
  RESOLUTION,
  MODEL,
  OPERATOR;

  /** As written in records and metrics. */
  public String label() {
    return Labels.of(this);
  }
}
