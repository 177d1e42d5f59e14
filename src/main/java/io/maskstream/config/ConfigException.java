package io.maskstream.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Everything that is wrong with a configuration file. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final transient List<String> problems;
  private final transient @Nullable Object value;

  ConfigException(String file, List<String> problems) {
    this(file, problems, null);
  }

  /**
   * A failure.
   *
   * @param value what the file says without its mistakes, or null where that is not whole
   */
  ConfigException(String file, List<String> problems, @Nullable Object value) {
    super(
        "%s has %d mistake%s:%n  %s"
            .formatted(
                file,
                problems.size(),
                problems.size() == 1 ? "" : "s",
                String.join(System.lineSeparator() + "  ", problems)));
    this.file = file;
    this.problems = List.copyOf(problems);
    this.value = value;
  }

  /** What the file says without its mistakes, where that is whole: to look for more of them. */
  public <T> Optional<T> value(Class<T> type) {
    return Optional.ofNullable(value).filter(type::isInstance).map(type::cast);
  }

  /** The same with more mistakes. */
  public ConfigException with(List<String> more) {
    return new ConfigException(
        file, Stream.concat(problems.stream(), more.stream()).toList(), value);
  }

  /** One line per mistake. */
  public List<String> problems() {
    return problems;
  }
}
