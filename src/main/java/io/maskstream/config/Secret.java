package io.maskstream.config;

import java.util.Objects;

/**
 * A value that appears in no message and no log. In YAML it is a text, or {@code {file: PATH}} for
 * the first line of a file.
 */
public final class Secret {
  private final String value;
  private final Object reference;

  /** A secret, given in clear. */
  public Secret(String value) {
    this(value, value);
  }

  /**
   * A secret with what stands for it.
   *
   * @param reference the text with its variables, or a map with the file, as YAML has it
   */
  Secret(String value, Object reference) {
    this.value = Objects.requireNonNull(value, "value");
    this.reference = reference;
  }

  /** The value in clear. */
  public String value() {
    return value;
  }

  /** As it was given: a text, with variables where it had some, or a map with the file. */
  public Object reference() {
    return reference;
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
