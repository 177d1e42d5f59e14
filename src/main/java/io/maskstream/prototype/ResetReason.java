package io.maskstream.prototype;

import java.util.Locale;

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
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
