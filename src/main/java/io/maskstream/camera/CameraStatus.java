package io.maskstream.camera;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a camera does at a time, and why.
 *
 * @param reason one sentence without secrets, why the last connection failed or ended; empty where
 *     there is nothing to say
 * @param nextTry when it is opened again, while it waits for that
 */
public record CameraStatus(State state, String reason, Optional<Instant> nextTry) {

  /** What a camera does. */
  public enum State {
    /** It is being opened for the first time, or again. */
    CONNECTING,
    /** Frames come. */
    DELIVERING,
    /** It could not be opened or its connection ended; it is tried again later. */
    WAITING,
    /** Its file is at the end, or it has delivered as many frames as wanted. */
    FINISHED,
    /** Its settings are not usable in the process that should read it; it waits for others. */
    REFUSED,
    /** It is not wanted any more. */
    STOPPED
  }

  static CameraStatus of(State state) {
    return new CameraStatus(state, "", Optional.empty());
  }

  /** Being connected, the last time having failed for this reason. */
  static CameraStatus connecting(String lastReason) {
    return new CameraStatus(State.CONNECTING, lastReason, Optional.empty());
  }

  static CameraStatus waiting(String reason, Instant nextTry) {
    return new CameraStatus(State.WAITING, reason, Optional.of(nextTry));
  }

  static CameraStatus refused(String reason) {
    return new CameraStatus(State.REFUSED, reason, Optional.empty());
  }

  /** One sentence for people. */
  public String sentence(Instant now) {
    return switch (state) {
      case CONNECTING ->
          reason.isEmpty() ? "is being connected" : "is being connected again after: " + reason;
      case DELIVERING -> "delivers frames";
      case FINISHED -> "finished";
      case REFUSED -> "is not read: " + reason;
      case STOPPED -> "stopped";
      case WAITING ->
          reason
              + nextTry
                  .map(time -> "; next try in %d s".formatted(wait(now, time).toSeconds()))
                  .orElse("");
    };
  }

  private static Duration wait(Instant now, Instant next) {
    Duration wait = Duration.between(now, next);
    return wait.isNegative() ? Duration.ZERO : wait;
  }
}
