package io.maskstream.health;

import io.maskstream.event.RuleState;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a camera's health; in the store.
 *
 * @param levels what is usual for the camera; null where nothing is learned
 * @param fingerprint of the last picture
 * @param lastMillis time of the last picture
 * @param intervalMillis from the last picture but one to the last; 0 where unknown
 * @param conditions where each condition stands, by its label
 */
public record HealthState(
    @Nullable Levels levels,
    long fingerprint,
    long lastMillis,
    long intervalMillis,
    Map<String, RuleState> conditions) {

  public HealthState {
    conditions = Map.copyOf(conditions);
  }

  /** Labels of the conditions that are reported and not over. */
  public List<String> open() {
    return conditions.entrySet().stream()
        .filter(entry -> entry.getValue().open())
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }
}
