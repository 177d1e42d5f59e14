package io.maskstream.rollout;

/**
 * An order to every worker to change the model of a slot: the JSON records of {@code model-orders},
 * keyed by the slot. The last one counts, for workers that start later too.
 *
 * @param slot id of the model that the configuration names
 * @param configured folder that the configuration named when the order was given; where it names
 *     another by now, the order is void
 * @param folder of the new model's bundle, as the workers see it
 * @param previous folder of the model that it replaces
 * @param shadowMillis how long both run side by side
 * @param agreement least share of pixels with the same class, 0 to 1
 * @param givenMicros when the order was given, microseconds since 1970
 * @param undoing whether it undoes another order; if that fails, nothing is undone again
 * @param reason why, for the log
 */
public record RolloutCommand(
    String slot,
    String configured,
    String folder,
    String previous,
    long shadowMillis,
    double agreement,
    long givenMicros,
    boolean undoing,
    String reason) {

  public RolloutCommand {
    requireText("slot", slot);
    requireText("configured", configured);
    requireText("folder", folder);
    requireText("previous", previous);
    requireText("reason", reason);
    if (shadowMillis < 0 || givenMicros < 0 || !(agreement >= 0 && agreement <= 1)) {
      throw new IllegalArgumentException(
          "shadowMillis and givenMicros must be at least 0 and agreement 0 to 1, are %d, %d, %s"
              .formatted(shadowMillis, givenMicros, agreement));
    }
  }

  private static void requireText(String name, String text) {
    if (text == null || text.isEmpty()) {
      throw new IllegalArgumentException("an order to change a model needs " + name);
    }
  }

  /** The order that undoes this one. */
  public RolloutCommand undone(long micros, String why) {
    return new RolloutCommand(
        slot, configured, /* folder= */ previous, /* previous= */ folder, 0, 0, micros, true, why);
  }

  /**
   * Folder of the model that serves at a time in microseconds since 1970, if the trial goes well.
   */
  public String serving(long micros) {
    return onTrial(micros) ? previous : folder;
  }

  /** Whether both run side by side at a time in microseconds since 1970. */
  public boolean onTrial(long micros) {
    return micros < decidedMicros();
  }

  /** When the trial is over, microseconds since 1970. */
  public long decidedMicros() {
    return givenMicros + shadowMillis * 1_000;
  }
}
