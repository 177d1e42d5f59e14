package io.maskstream.config;

import java.util.List;

/** Everything that is wrong with a configuration file. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  ConfigException(String file, List<String> problems) {
    super(
        "%s has %d mistake%s:%n  %s"
            .formatted(
                file,
                problems.size(),
                problems.size() == 1 ? "" : "s",
                String.join(System.lineSeparator() + "  ", problems)));
    this.problems = List.copyOf(problems);
  }

  /** One line per mistake. */
  public List<String> problems() {
    return problems;
  }
}
