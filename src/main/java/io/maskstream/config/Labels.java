package io.maskstream.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Constants of enums as they are written outside Java: in lower case with hyphens. */
public final class Labels {
  private Labels() {}

  /** Label of a constant, such as {@code queue-full}. */
  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Labels of all constants in their order. */
  public static List<String> of(Class<? extends Enum<?>> type) {
    return Arrays.stream(type.getEnumConstants()).map(Labels::of).toList();
  }

  /** Constant of a label. */
  public static <E extends Enum<E>> Optional<E> find(Class<E> type, String label) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> of(constant).equals(label))
        .findFirst();
  }

  /**
   * Constant of a label.
   *
   * @param name what the label is for
   * @throws IllegalArgumentException with the name, the labels and the nearest one
   */
  public static <E extends Enum<E>> E parse(Class<E> type, String name, String label) {
    return find(type, label)
        .orElseThrow(() -> new IllegalArgumentException(name + " " + rule(of(type), label)));
  }

  /** Says that a label is none of those that there are. */
  static String rule(List<String> labels, String label) {
    return "must be one of " + labels + ", is '" + label + "'" + Suggestion.of(label, labels);
  }
}
