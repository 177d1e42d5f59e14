package io.maskstream.health;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import java.time.Duration;
import java.util.List;

/** What is watched of the cameras' pictures, and from when on it counts. */
public record CameraHealthConfig(
    @Key(
            value =
                "Conditions that make events: covered, blinded, frozen, out-of-focus; moved, for"
                    + " cameras that stand still. [] turns it off.",
            defaultValue = "[covered, blinded, frozen, out-of-focus]")
        List<CameraCondition> conditions,
    @Key(value = "How long a condition must hold before it counts.", defaultValue = "5s")
        Duration hold,
    @Key(value = "How long it must be over before it counts as ended.", defaultValue = "5s")
        Duration releaseHold,
    @Key(value = "How long a picture must be the same to be frozen.", defaultValue = "20s")
        Duration frozenHold,
    @Key(value = "Time between two notices while it goes on.", defaultValue = "60s")
        Duration interval,
    @Key(
            value =
                "After this time another view or another sharpness is the camera's new normal; the"
                    + " event ends.",
            defaultValue = "1h")
        Duration acceptAfter,
    @Key(value = "covered: share of the usual texture that is lost, 0 to 1.", defaultValue = "0.7")
        double covered,
    @Key(value = "blinded: share of black or of white pixels, 0 to 1.", defaultValue = "0.75")
        double blinded,
    @Key(value = "out-of-focus: part of the usual sharpness, 0 to 1.", defaultValue = "0.35")
        double outOfFocus,
    @Key(value = "moved: distance from the usual scene, 0 to 2.", defaultValue = "0.2")
        double moved) {

  public CameraHealthConfig {
    conditions = List.copyOf(conditions);
    Checks.require(
        conditions.stream().distinct().count() == conditions.size(),
        "cameraHealth: conditions must differ, are " + conditions);
    requireShare("covered", covered, 1);
    requireShare("blinded", blinded, 1);
    requireShare("outOfFocus", outOfFocus, 1);
    requireShare("moved", moved, 2);
  }

  private static void requireShare(String key, double value, double max) {
    Checks.require(
        value > 0 && value < max,
        "cameraHealth: %s must be between 0 and %.0f, is %s".formatted(key, max, value));
  }

  public boolean on() {
    return !conditions.isEmpty();
  }
}
