package io.maskstream.config;

/** Rules that a value must keep. */
public final class Checks {
  private Checks() {}

  /**
   * Checks a rule.
   *
   * @param message names the value, the rule and what the value is
   * @throws IllegalArgumentException with the message where the rule does not hold
   */
  public static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
