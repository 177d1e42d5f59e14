package io.maskstream.prototype;

import io.maskstream.frame.Micros;
import io.maskstream.frame.Silence;
import io.maskstream.prototype.CameraMemory.FrameFacts;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a camera's memory is reset.
 *
 * @param maxGap longest pause between two frames of one scene; longer for slow cameras, see {@link
 *     Silence}
 * @param sceneCut {@link SceneSignature#distance} from which two frames show different scenes
 */
public record ResetRules(Duration maxGap, double sceneCut) {

  public static final Duration DEFAULT_MAX_GAP = Duration.ofSeconds(5);

  /**
   * Measured: neighbouring frames of real video stay below 0.03 at 15 a second, those of drawn
   * streets below 0.13 in nine of ten cases at 5 a second; cuts between streets begin at 0.2.
   */
  public static final double DEFAULT_SCENE_CUT = 0.25;

  public static ResetRules defaults() {
    return new ResetRules(DEFAULT_MAX_GAP, DEFAULT_SCENE_CUT);
  }

  /** Why a memory does not fit a frame, or empty where it does. */
  public Optional<ResetReason> reason(@Nullable CameraMemory memory, FrameFacts frame) {
    if (memory == null) {
      return Optional.of(ResetReason.FIRST_FRAME);
    }
    FrameFacts last = memory.last();
    if (!last.model().equals(frame.model())) {
      return Optional.of(ResetReason.MODEL);
    }
    if (last.width() != frame.width() || last.height() != frame.height()) {
      return Optional.of(ResetReason.RESOLUTION);
    }
    if (last.epoch() != frame.epoch()) {
      return Optional.of(ResetReason.RECONNECT);
    }
    Duration longest = Silence.after(maxGap, last.intervalMicros() / 1_000);
    if (frame.captureMicros() - last.captureMicros() > Micros.of(longest)) {
      return Optional.of(ResetReason.GAP);
    }
    if (last.signature().distance(frame.signature()) > sceneCut) {
      return Optional.of(ResetReason.SCENE_CUT);
    }
    return Optional.empty();
  }
}
