package io.maskstream.config;

import java.util.Objects;

/**
 * A value that appears in no message and no log. In YAML it is a text, or {@code {file: PATH}} for
 * the first line of a file.
 */
public final class Secret {
  private final String value;

  /** A secret, given in clear. */
  public Secret(String value) {
    this.value = Objects.requireNonNull(value, "value");
  }

  /** The value in clear. */
  public String value() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && secret.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
