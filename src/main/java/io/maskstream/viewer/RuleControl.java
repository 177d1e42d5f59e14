package io.maskstream.viewer;

import io.maskstream.config.ConfigException;
import io.maskstream.config.Labels;
import io.maskstream.event.Rule;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The deployment's rules, as operators list and change them. A change that breaks a rule is an
 * IllegalArgumentException or a {@link ConfigException} that says which.
 */
public interface RuleControl {

  /** Where a rule comes from. */
  enum Origin {
    /** From a topology file, as it is there. */
    FILE,
    /** From a topology file, changed by an operator since. */
    CHANGED,
    /** From an operator. */
    PAGE;

    String label() {
      return Labels.of(this);
    }
  }

  /** A rule that counts. */
  record Known(Rule rule, Origin origin) {}

  /** All rules by name. */
  List<Known> list();

  /**
   * Adds a rule or replaces it.
   *
   * @param settings keys of a rule in a topology file, without its name
   */
  void put(String name, Map<String, @Nullable Object> settings) throws IOException, ConfigException;

  void remove(String name) throws IOException;
}
