package io.maskstream.config;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Rules that a value must keep. */
public final class Checks {

  /** Rules that did not hold, where they are collected. */
  private static final ThreadLocal<@Nullable List<String>> BROKEN = new ThreadLocal<>();

  private Checks() {}

  /**
   * Checks a rule.
   *
   * @param message names the value, the rule and what the value is
   * @throws IllegalArgumentException with the message where the rule does not hold
   */
  public static void require(boolean holds, String message) {
    if (holds) {
      return;
    }
    List<String> broken = BROKEN.get();
    if (broken == null) {
      throw new IllegalArgumentException(message);
    }
    broken.add(message);
  }

  /**
   * Collects the rules that do not hold while something is made, instead of ending with the first.
   *
   * @param maker what it throws after a rule did not hold is a consequence of that
   * @param broken gets the messages
   * @return null where a rule did not hold
   */
  static <T> @Nullable T collect(Callable<T> maker, List<String> broken) throws Exception {
    List<String> outer = BROKEN.get();
    List<String> found = new ArrayList<>();
    BROKEN.set(found);
    try {
      T made = maker.call();
      return found.isEmpty() ? made : null;
    } catch (Exception e) {
      if (found.isEmpty()) {
        throw e;
      }
      return null;
    } finally {
      broken.addAll(found);
      BROKEN.set(outer);
    }
  }
}
