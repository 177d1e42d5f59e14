package io.maskstream.dataset;

import java.util.List;

/**
 * Which frames of a data set count, by the beginnings of their file names: recordings of one drive
 * share theirs, so a drive can be kept from training and measured as one that is foreign.
 *
 * @param only beginnings of which a name must have one; empty lets all names through
 * @param exclude beginnings of which a name must have none
 */
public record NameFilter(List<String> only, List<String> exclude) {

  /** Lets all frames through. */
  public static final NameFilter ALL = new NameFilter(List.of(), List.of());

  public NameFilter {
    only = List.copyOf(only);
    exclude = List.copyOf(exclude);
  }

  public boolean accepts(String name) {
    boolean wanted = only.isEmpty() || only.stream().anyMatch(name::startsWith);
    return wanted && exclude.stream().noneMatch(name::startsWith);
  }

  @Override
  public String toString() {
    return "only %s, without %s".formatted(only, exclude);
  }
}
